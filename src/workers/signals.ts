// What signals mean to the parent of the workers. The process ends by itself when nothing is left to do.
import { messageOf } from '../errors.ts';
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { WorkerPool } from './pool-options.ts';

/**
 * Follows signals: SIGTERM and SIGINT drain, a second one ends the workers at once, SIGHUP reloads. Resolves when the
 * workers are gone; then signals have their usual meaning again.
 */
export async function followSignals(
  pool: Pick<WorkerPool, 'stop' | 'kill' | 'reload'>,
  log: Logger,
  process: Pick<NodeJS.EventEmitter, 'on' | 'off'> = globalThis.process,
): Promise<void> {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) pool.kill();
    else pool.stop().then(resolve);
    isStopping = true;
  };
  const reload = (): void => {
    pool.reload().catch((error: unknown) => {
      logEvent(log, 'reload-failed', { err: error }, `The workers serve on as before: ${messageOf(error)}`);
    });
  };
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', reload);
  await stopped;
  process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', reload);
}
