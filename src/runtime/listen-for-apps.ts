// The server of a process that serves many apps.
import { authorityOf } from '../authority.ts';
import type { HttpDispatcher } from '../triggers/http/dispatcher.ts';
import { createHttpServer } from '../triggers/http/server.ts';
import type { ListenAddress } from '../triggers/trigger.ts';

/** Milliseconds that requests in flight may take to finish. */
const DRAIN_MS = 30_000;

export interface AppServer {
  /** Host and port. */
  readonly authority: string;
  /** Takes no more requests, and lets those in flight finish. */
  stop(): Promise<void>;
}

/** Rejects with `listen-failed`. */
export async function listenForApps(dispatcher: HttpDispatcher, address: ListenAddress): Promise<AppServer> {
  const server = createHttpServer({ dispatcher });
  const { host, port } = await server.listen(address);
  return {
    authority: authorityOf(host, port),
    stop: () => server.stop({ timeoutMs: DRAIN_MS }),
  };
}
