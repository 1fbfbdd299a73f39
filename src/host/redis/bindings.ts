// Redis as Spin's interfaces have it: an address in each call of the first, connections in the second, and in the third
// functions that a guest need not wait for. What they do is the same.
import { err, type Result } from '../../component/types/val-type.ts';
import { lowered } from '../guest-call.ts';
import { defineInterface, type Functions, lending, resource, suspending } from '../service.ts';
import type { GuestConnection, OpenConnections, RedisError } from './open-connections.ts';
import * as operations from './operations.ts';
import signatures from './signatures.json' with { type: 'json' };

const SERVICE = 'redis';

const connection = resource('connection', (state: OpenConnections, one: GuestConnection) => state.close(one));

/** A function of a connection that the host lends its result to. */
function method<Args extends unknown[], T>(run: operations.Operation<Args, T>) {
  const call = (state: OpenConnections, ...all: never[]) => {
    const [one, ...args] = all as unknown as [GuestConnection, ...Args];
    return run(state, one, ...args);
  };
  return lending(suspending(call), lowered);
}

const functions: Functions<OpenConnections> = {
  '[static]connection.open': suspending((state: OpenConnections, address: string) => state.open(address)),
  '[method]connection.publish': method(operations.publish),
  '[method]connection.get': method(operations.get),
  '[method]connection.set': method(operations.set),
  '[method]connection.incr': method(operations.incr),
  '[method]connection.del': method(operations.del),
  '[method]connection.sadd': method(operations.sadd),
  '[method]connection.smembers': method(operations.smembers),
  '[method]connection.srem': method(operations.srem),
  '[method]connection.execute': method(operations.execute),
};

const spin2 = defineInterface<OpenConnections>(SERVICE, 'fermyon:spin/redis', '2.0.0', {
  signatures: signatures['fermyon:spin/redis@2.0.0'],
  resources: [connection],
  functions,
});

const spin3 = defineInterface<OpenConnections>(SERVICE, 'spin:redis/redis', '3.0.0', {
  signatures: signatures['spin:redis/redis@3.0.0'],
  resources: [connection],
  functions,
});

type Answer1<T> = Result<T, 'error'>;

/** One call on a connection of its own: no state of it is left for the next. `finish` gives the value another type. */
function once<Args extends unknown[], T, U>(run: operations.Operation<Args, T>, finish: (value: T) => U) {
  const call = async (state: OpenConnections, ...all: never[]): Promise<Answer1<U>> => {
    const [address, ...args] = all as unknown as [string, ...Args];
    const opened = await state.open(address);
    if (opened.tag === 'err') return err('error');
    try {
      return told(await run(state, opened.val, ...args), finish);
    } finally {
      state.close(opened.val);
    }
  };
  return lending(suspending(call), lowered);
}

/** The same result object, which what is kept for it belongs to. */
function told<T, U>(result: Result<T, RedisError>, finish: (value: T) => U): Answer1<U> {
  if (result.tag === 'err') return err('error');
  return Object.assign(result, { val: finish(result.val) }) as unknown as Answer1<U>;
}

const same = <T>(value: T): T => value;

const spin1 = defineInterface<OpenConnections>(SERVICE, 'fermyon:spin/redis', undefined, {
  signatures: signatures['fermyon:spin/redis'],
  functions: {
    publish: once(operations.publish, same),
    get: once(operations.get, (value) => value ?? new Uint8Array()),
    set: once(operations.set, same),
    incr: once(operations.incr, same),
    del: once(operations.del, BigInt),
    sadd: once(operations.sadd, BigInt),
    smembers: once(operations.smembers, same),
    srem: once(operations.srem, BigInt),
    execute: once(operations.execute, same),
  },
});

export const redisInterfaces = [spin1, spin2, spin3];
