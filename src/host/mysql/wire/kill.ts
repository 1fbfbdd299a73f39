// Tells a server to end one of its connections, and what that does, over a connection of its own: a server does not look
// whether its client is gone while it works.
import type { MysqlAddress } from '../address.ts';
import { connect } from './connect.ts';

const MOST_MS = 5000;
/** In this process at once; what is beyond goes without. */
const MOST_AT_ONCE = 64;
const COM_QUERY = 0x03;
let underWay = 0;

/** Returns at once. Nobody is told whether it worked. */
export function requestKill(address: MysqlAddress, threadId: number): void {
  if (underWay >= MOST_AT_ONCE) return;
  underWay += 1;
  void send(address, threadId)
    .catch(() => undefined)
    .finally(() => {
      underWay -= 1;
    });
}

async function send(address: MysqlAddress, threadId: number): Promise<void> {
  const { socket, send: command, hand } = await connect(address, AbortSignal.timeout(MOST_MS), MOST_MS);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => socket.destroy(), MOST_MS);
    hand({
      announced: () => undefined,
      take: () => void socket.end(),
      ended: () => {
        clearTimeout(timer);
        resolve();
      },
    });
    command(Buffer.concat([Buffer.of(COM_QUERY), Buffer.from(`KILL ${Math.trunc(threadId)}`)]));
  });
}
