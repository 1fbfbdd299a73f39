// Addresses of MySQL and MariaDB servers: URLs, as mysql_async reads them.
import { MysqlFault } from './fault.ts';

export interface MysqlAddress {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string | undefined;
  readonly usesTls: boolean;
}

/** In characters; a longer one is no address. */
const MOST_LENGTH = 8192;
const DEFAULT_PORT = 3306;

/** Undefined for what is no URL of MySQL. Throws a MysqlFault for one that lacks something. */
export function parseAddress(text: string): MysqlAddress | undefined {
  const url = text.length <= MOST_LENGTH ? URL.parse(text) : null;
  if (url?.protocol !== 'mysql:' || url.hostname === '') return undefined;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    user: decoded(url.username),
    password: decoded(url.password),
    database: decoded(url.pathname.replace(/^\//, '')) || undefined,
    usesTls: usesTls(url.searchParams),
  };
}

/** As in Spin any mode but `disabled` is TLS with a certificate that is checked; without a mode there is none. */
function usesTls(parameters: URLSearchParams): boolean {
  for (const [name, value] of parameters) {
    if (/^ssl-?mode$/i.test(name) && value.toLowerCase() !== 'disabled') return true;
  }
  return false;
}

function decoded(text: string): string {
  try {
    const found = decodeURIComponent(text);
    if (!found.includes('\0')) return found;
  } catch {
    // It is told below.
  }
  throw new MysqlFault('connection-failed', 'the address has an escape that is no character');
}
