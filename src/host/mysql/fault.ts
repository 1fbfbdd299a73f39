// What goes wrong with a server, a statement or a value, as guests are told of it, with texts as Spin has them, which are
// those of mysql_async.
import { ServiceFault } from '../guest-call.ts';

type Tag = 'connection-failed' | 'bad-parameter' | 'query-failed' | 'value-conversion-failed' | 'other';

export interface MysqlError {
  readonly tag: Tag;
  readonly val: string;
}

export class MysqlFault extends ServiceFault {
  override readonly name = 'MysqlFault';
  readonly error: MysqlError;

  constructor(tag: Tag, text: string) {
    super(text);
    this.error = { tag, val: text };
  }
}

export function mysqlErrorOf(error: ServiceFault): MysqlError {
  return error instanceof MysqlFault ? error.error : { tag: 'other', val: error.message };
}

/** An error of the server, as Debug of mysql_async writes it. */
export function serverFault(code: number, state: string, message: string): MysqlFault {
  const text = `Server(ServerError { code: ${code}, message: ${JSON.stringify(message)}, state: ${JSON.stringify(state)} })`;
  return new MysqlFault('query-failed', text);
}

/** The connection was lost. */
export function closedFault(): MysqlFault {
  return new MysqlFault('query-failed', 'Driver(ConnectionClosed)');
}

/** The server breaks the protocol. */
export function protocolFault(what: string): MysqlFault {
  return new MysqlFault('query-failed', `the server breaks the protocol: ${what}`);
}
