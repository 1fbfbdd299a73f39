// A call of a guest in a sandbox that the caller has, and keeps: an image is taken of it later.
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Guest } from './exchange.ts';

/**
 * Does `work`, which makes one call of the guest. Resolves when the guest has ended, to the result and to whether the sandbox
 * may be used on. Rejects with what `work` rejects with.
 */
export async function inGivenSandbox<Result>(
  sandbox: Sandbox,
  guest: Omit<Guest, 'pool'>,
  work: (guest: Guest) => Promise<Result>,
): Promise<{ readonly result: Result; readonly isHealthy: boolean }> {
  const ended = Promise.withResolvers<boolean>();
  const release = (_: Sandbox, healthy: boolean): boolean => {
    ended.resolve(healthy);
    return true;
  };
  const pool: Guest['pool'] = { acquire: () => sandbox, release };
  const result = await work({ ...guest, pool });
  const isHealthy = await ended.promise;
  const { instance } = sandbox;
  instance.context = undefined;
  instance.activity = undefined;
  return { result, isHealthy };
}
