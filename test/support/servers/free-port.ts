// A port of this machine on which nobody listens, and waiting until somebody does.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether somebody takes connections at the port. */
export async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const [outcome] = await Promise.race([once(socket, 'connect').then(() => [true]), once(socket, 'error')]).catch(
    () => [false],
  );
  socket.destroy();
  return outcome === true;
}

/** Waits until `ready` says so, up to 30 s. */
export async function until(ready: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await ready()) return;
    await delay(50);
  }
  throw new Error(`Waited 30 s in vain for ${what}`);
}
