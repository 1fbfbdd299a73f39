// Connection strings of PostgreSQL, as tokio-postgres reads them: a URL, or keys and values. What is not said is never
// taken from the environment of the host.
// https://docs.rs/tokio-postgres/latest/tokio_postgres/config/struct.Config.html
import { isIP } from 'node:net';
import { fault, type PgFault } from './fault.ts';

export interface PgHost {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  /** The address to connect to instead of looking the name up. */
  readonly hostaddr: string | undefined;
  readonly port: number;
  /** Whether the connection string says the port. */
  readonly portIsSaid: boolean;
}

export interface PgAddress {
  /** In the order in which they are tried. */
  readonly hosts: readonly PgHost[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly options: string | undefined;
  readonly applicationName: string | undefined;
  readonly tls: 'disable' | 'prefer' | 'require';
  readonly tlsAtOnce: boolean;
  /** In milliseconds. */
  readonly connectTimeout: number | undefined;
  /** Whether a server that only reads is passed over, or one that writes. */
  readonly session: 'any' | 'read-write' | 'read-only';
}

/** In characters; a longer one is no address. */
const MOST_LENGTH = 8192;
const MOST_HOSTS = 16;
const DEFAULT_PORT = 5432;

/** Throws a PgFault. */
export function parseAddress(text: string): PgAddress {
  if (text.length > MOST_LENGTH || text.includes('\0')) throw invalid();
  const url = /^postgres(?:ql)?:\/\/(.*)$/s.exec(text);
  return addressOf(url ? urlParameters(url[1]!) : keyValueParameters(text));
}

type Parameters = ReadonlyMap<string, string>;

const choices: Readonly<Record<string, readonly string[]>> = {
  sslmode: ['disable', 'prefer', 'require'],
  sslnegotiation: ['postgres', 'direct'],
  target_session_attrs: ['any', 'read-write', 'read-only'],
  channel_binding: ['disable', 'prefer', 'require'],
  load_balance_hosts: ['disable', 'random'],
};
const texts = ['user', 'password', 'dbname', 'options', 'application_name', 'host', 'hostaddr', 'port'];
const numbers = ['connect_timeout', 'tcp_user_timeout', 'keepalives', 'keepalives_idle', 'keepalives_interval'];
const known = new Set([...texts, ...numbers, 'keepalives_retries', ...Object.keys(choices)]);

function addressOf(parameters: Parameters): PgAddress {
  for (const [key, value] of parameters) {
    const allowed = Object.hasOwn(choices, key) ? choices[key] : undefined;
    if (!known.has(key) || (allowed && !allowed.includes(value))) throw invalid();
    if (!allowed && !texts.includes(key) && !/^-?\d{1,9}$/.test(value)) throw invalid();
  }
  const timeout = Number(parameters.get('connect_timeout') ?? 0);
  const tls = (parameters.get('sslmode') ?? 'prefer') as PgAddress['tls'];
  const tlsAtOnce = parameters.get('sslnegotiation') === 'direct';
  if (tlsAtOnce && tls !== 'require') throw invalid();
  return {
    hosts: hostsOf(parameters),
    user: parameters.get('user'),
    password: parameters.get('password'),
    database: parameters.get('dbname'),
    options: parameters.get('options'),
    applicationName: parameters.get('application_name'),
    tls,
    tlsAtOnce,
    connectTimeout: timeout > 0 ? timeout * 1000 : undefined,
    session: (parameters.get('target_session_attrs') ?? 'any') as PgAddress['session'],
  };
}

function hostsOf(parameters: Parameters): PgHost[] {
  const hosts = listOf(parameters.get('host'));
  const addresses = listOf(parameters.get('hostaddr'));
  const ports = listOf(parameters.get('port'));
  const count = Math.max(hosts.length, addresses.length);
  if (count > MOST_HOSTS || (hosts.length > 0 && addresses.length > 0 && hosts.length !== addresses.length)) {
    throw invalid();
  }
  if (ports.length > 1 && ports.length !== count) throw invalid();
  if (addresses.some((address) => isIP(address) === 0)) throw invalid();
  return Array.from({ length: count }, (_, index) => {
    const said = ports[index] || (ports.length === 1 ? ports[0] : '');
    return {
      host: hosts[index] || addresses[index] || '',
      hostaddr: addresses[index],
      port: said ? portOf(said) : DEFAULT_PORT,
      portIsSaid: Boolean(said),
    };
  });
}

const listOf = (text: string | undefined): string[] => (text === undefined ? [] : text.split(','));

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port >= 0 && port <= 65_535)) throw invalid();
  return port;
}

/** Of what follows `postgres://`: `[user[:password]@][host[:port]][,…][/dbname][?key=value&…]`. */
function urlParameters(rest: string): Parameters {
  const [, credentials, places = '', path, query] =
    /^(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest) ?? fail();
  const parameters = new Map<string, string>();
  const put = (key: string, value: string | undefined): void => {
    if (value !== undefined) parameters.set(key, decoded(value));
  };
  const [user, ...secret] = credentials?.split(':') ?? [];
  put('user', user);
  put('password', secret.length > 0 ? secret.join(':') : undefined);
  put('dbname', path || undefined);
  if (places !== '') {
    const split = places.split(',').map((place) => /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(place) ?? fail());
    parameters.set('host', split.map(([, host = '']) => decoded(host.replace(/^\[|\]$/g, ''))).join(','));
    if (split.some(([, , port]) => port)) parameters.set('port', split.map(([, , port]) => port ?? '').join(','));
  }
  for (const pair of query ? query.split('&') : []) {
    const [, key = '', value] = /^([^=]*)=(.*)$/s.exec(pair) ?? fail();
    put(decoded(key), value);
  }
  return parameters;
}

function decoded(text: string): string {
  try {
    const found = decodeURIComponent(text);
    if (!found.includes('\0')) return found;
  } catch {
    // It is told below.
  }
  throw invalid();
}

/** `key = value`, with quotes around values that hold spaces, and backslashes before quotes. */
function keyValueParameters(text: string): Parameters {
  const parameters = new Map<string, string>();
  const pair = /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)+))(?=\s|$)/suy;
  while (text.slice(pair.lastIndex).trim() !== '') {
    const [, key = '', quoted, plain = ''] = pair.exec(text) ?? fail();
    parameters.set(key, (quoted ?? plain).replace(/\\(.)/gsu, '$1'));
  }
  return parameters;
}

function invalid(): PgFault {
  return fault('connection-failed', 'invalid connection string');
}

function fail(): never {
  throw invalid();
}
