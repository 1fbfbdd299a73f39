// What a statement needs of the session that it runs on.
import type { Inbox } from '../sql/inbox.ts';
import type { ParameterTypes } from './parameter-types.ts';
import type { Wire } from './wire/connect.ts';
import type { DbErrorFields } from './wire/db-error.ts';
import type { Frame } from './wire/frames.ts';

export interface RowWatcher {
  /** The body of a RowDescription. Throws for one that is none. */
  described(body: Buffer): void;
  /** A row of so many bytes comes. Throws when it may not. */
  announced(bytes: number): void;
}

export interface Channel {
  readonly wire: Wire;
  readonly inbox: Inbox<Frame>;
  /** Names of types that this service does not know by their OIDs; each statement may add some. */
  readonly typeNames: Map<number, string>;
  /** The types of the parameters of statements that ran before. */
  readonly parameterTypes: ParameterTypes;
  readonly isOpen: boolean;
  /** Whether a transaction was under way after the last statement. */
  readonly isInTransaction: boolean;
  /** Has `watcher` told of what comes, as soon as it comes, while a statement runs. */
  onRows(watcher: RowWatcher | undefined): void;
  /** Waits for ReadyForQuery and drops what comes before, but for an error, which it gives. */
  settle(): Promise<DbErrorFields | undefined>;
  /** Ends the connection: what the statement is in the middle of cannot be ended otherwise. */
  break(error: Error): void;
}
