// What a statement needs of the session that it runs on.
import type { Inbox } from '../sql/inbox.ts';
import type { Packet } from './wire/packets.ts';

export interface Channel {
  readonly inbox: Inbox<Packet>;
  /** Whether definitions of columns have a block of MariaDB's own. */
  readonly isExtended: boolean;
  readonly isOpen: boolean;
  send(command: number, ...parts: readonly Buffer[]): void;
  /** While rows come, `announced` is told of each packet when its length is known. It throws when it may not come. */
  onRows(announced: ((bytes: number) => void) | undefined): void;
  /** Ends the connection: what the statement is in the middle of cannot be ended otherwise. */
  break(error: Error): void;
}
