// What a guest may ask a server for, with the types that it gets: the commands of Spin's interface.
import type { Result } from '../../component/types/val-type.ts';
import { type CallingRequest, type GuestCall, type Later, perform, ServiceFault } from '../guest-call.ts';
import type { Argument } from './commands.ts';
import type { GuestConnection, RedisError } from './open-connections.ts';
import type { RedisResult, Reply } from './reply.ts';

export type Parameter =
  | { readonly tag: 'int64'; readonly val: bigint }
  | { readonly tag: 'binary'; readonly val: Uint8Array };

/** What every function gives: its value, or an error in the form of the newer versions. */
export type Answer<T> = Later<Result<T, RedisError>>;

/** A reply that has another type than the command's. */
class TypeFault extends ServiceFault {
  override readonly name = 'TypeFault';
}

/** A function of a connection. */
export type Operation<Args extends unknown[], T> = (
  request: CallingRequest,
  connection: GuestConnection,
  ...args: Args
) => Answer<T>;

function operation<Args extends unknown[], T>(
  work: (call: GuestCall, connection: GuestConnection, ...args: Args) => Promise<T>,
  tell: (fault: ServiceFault) => RedisError = (fault) => ({ tag: 'other', val: fault.message }),
): Operation<Args, T> {
  return (request, connection, ...args) => perform(request, (call) => work(call, connection, ...args), tell);
}

/** Makes a function that sends a command with these arguments, and reads its reply. */
function command<Args extends unknown[], T>(
  name: string,
  argumentsOf: (...args: Args) => readonly Argument[],
  read: (reply: Reply) => T,
  tell?: (fault: ServiceFault) => RedisError,
): Operation<Args, T> {
  return operation(
    async (call, connection, ...args) => read(await connection.send(name, argumentsOf(...args), call)),
    tell,
  );
}

const withKey = (key: string, ...more: readonly Argument[]): readonly Argument[] => [key, ...more];
const withValues = (key: string, values: readonly string[]): readonly Argument[] => [key, ...values];

export const publish = command('PUBLISH', (channel: string, payload: Uint8Array) => [channel, payload], nothingOf);
export const get = command('GET', (key: string) => [key], bytesOf);
export const set = command('SET', (key: string, value: Uint8Array) => withKey(key, value), nothingOf);
export const incr = command('INCRBY', (key: string) => withKey(key, '1'), integerOf);
export const del = command('DEL', (keys: readonly string[]) => keys, countOf);
export const sadd = command('SADD', withValues, countOf, (fault) =>
  fault instanceof TypeFault ? { tag: 'type-error' } : { tag: 'other', val: fault.message },
);
export const smembers = command('SMEMBERS', (key: string) => [key], textsOf);
export const srem = command('SREM', withValues, countOf);

export const execute = operation(
  async (call, connection, name: string, parameters: readonly Parameter[]): Promise<readonly RedisResult[]> => {
    const args = parameters.map(({ tag, val }) => (tag === 'int64' ? String(val) : val));
    return (await connection.send(name, args, call)).results;
  },
);

function nothingOf(_reply: Reply): undefined {
  return undefined;
}

function only({ results, isArray }: Reply): RedisResult {
  const [first] = results;
  if (isArray || !first) throw mismatch('Response type not convertible.');
  return first;
}

function integerOf(reply: Reply): bigint {
  const result = only(reply);
  if (result.tag === 'int64') return result.val;
  const text = result.tag === 'binary' ? Buffer.from(result.val).toString() : result.tag === 'status' ? result.val : '';
  if (!/^[+-]?\d{1,19}$/.test(text)) throw mismatch('Could not convert from string.');
  const value = BigInt(text.replace('+', ''));
  if (BigInt.asIntN(64, value) !== value) throw mismatch('Could not convert from string.');
  return value;
}

function countOf(reply: Reply): number {
  const value = integerOf(reply);
  if (BigInt.asUintN(32, value) !== value) throw mismatch('Response type not convertible to numeric.');
  return Number(value);
}

function bytesOf(reply: Reply): Uint8Array | undefined {
  const result = only(reply);
  if (result.tag === 'binary') return result.val;
  if (result.tag === 'nil') return undefined;
  throw mismatch('Response type not vector compatible.');
}

function textsOf({ results, isArray }: Reply): readonly string[] {
  if (!isArray) throw mismatch('Response type not vector compatible.');
  return results.map((result) => {
    if (result.tag === 'binary') return utf8Of(result.val);
    if (result.tag === 'status') return result.val;
    throw mismatch('Response type not string compatible.');
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8Of(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new TypeFault('Invalid UTF-8- TypeError');
  }
}

function mismatch(detail: string): TypeFault {
  return new TypeFault(`Response was of incompatible type - TypeError: "${detail}"`);
}
