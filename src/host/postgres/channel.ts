// What a statement needs of the session that it runs on.
import type { Inbox } from '../sql/inbox.ts';
import type { Wire } from './wire/connect.ts';
import type { DbErrorFields } from './wire/db-error.ts';
import type { Frame } from './wire/frames.ts';

export interface Channel {
  readonly wire: Wire;
  readonly inbox: Inbox<Frame>;
  /** Names of types that this service does not know by their OIDs; each statement may add some. */
  readonly typeNames: Map<number, string>;
  readonly isOpen: boolean;
  /** While a statement runs, `announced` is told of each row when its length is known. It throws when it may not come. */
  onRows(announced: ((bytes: number) => void) | undefined): void;
  /** Waits for ReadyForQuery and drops what comes before, but for an error, which it gives. */
  settle(): Promise<DbErrorFields | undefined>;
  /** Ends the connection: what the statement is in the middle of cannot be ended otherwise. */
  break(error: Error): void;
}
