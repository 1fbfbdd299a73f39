// Tells a server to stop what one of its connections does, over a connection of its own, as the protocol wants it.
import { type Target, wireTo } from './connect.ts';

const MOST_MS = 5000;
/** In this process at once; what is beyond goes without, and ends when the server sees that its client is gone. */
const MOST_AT_ONCE = 64;
let underWay = 0;

export interface Cancellable {
  readonly target: Target;
  readonly usesTls: boolean;
  readonly processId: number;
  readonly secretKey: number;
}

/** Returns at once. Nobody is told whether it worked. */
export function requestCancel({ target, usesTls, processId, secretKey }: Cancellable): void {
  if (underWay >= MOST_AT_ONCE) return;
  underWay += 1;
  void send(target, usesTls, processId, secretKey)
    .catch(() => undefined)
    .finally(() => {
      underWay -= 1;
    });
}

async function send(target: Target, usesTls: boolean, processId: number, secretKey: number): Promise<void> {
  const wire = await wireTo(target, usesTls);
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      wire.stream.destroy();
      resolve();
    };
    const timer = setTimeout(end, MOST_MS).unref();
    const cancel = (): void => {
      wire.cancel(processId, secretKey);
      wire.stream.end();
    };
    wire.on('error', end);
    wire.on('end', end);
    wire.on('connect', () => {
      if (!usesTls) cancel();
      else if (!target.address.tlsAtOnce) wire.requestSsl();
    });
    wire.on('sslconnect', cancel);
    wire.connect(target.host.port, target.host.hostaddr ?? target.host.host);
  });
}
