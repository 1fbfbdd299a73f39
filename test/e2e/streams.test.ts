// Bodies that stream through guests, in 0.2 and 0.3: every byte comes back, whoever reads or writes slowly or goes away
// in the middle, though buffers are used again; and nobody makes the server hold more than a little.
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request as sendHttp } from 'node:http';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockApp } from '../../src/app/lock.ts';
import { startApp } from '../../src/runtime.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { guestPath } from '../guests/build.ts';

/** Random bytes, of which each piece that is sent starts somewhere else. */
const noise = randomBytes(2 ** 20);

async function serve(guest: string): Promise<string> {
  const options = { listen: { host: '127.0.0.1', port: 0 }, log: silentLog, variables: {}, environment: {} };
  const app = await startApp(await lockApp(await guestPath(guest)), { ...options, verifyResets: true });
  after(() => app.stop());
  return app.url;
}

interface Manners {
  readonly bytes: number;
  /** In bytes, of one write; of all sizes below it. */
  readonly piece: number;
  /** One of so many pieces is followed by a pause. */
  readonly pauses: number;
  /** Milliseconds before it reads anything: with a large body, all buffers on the way fill up. */
  readonly waits?: number;
  /** Goes away after so many bytes have come back. */
  readonly leaveAfter?: number;
}

/** Sends and reads at once; true when what came back is what was sent. Rejects when the connection breaks. */
async function echo(url: string, { bytes, piece, pauses, waits = 0, leaveAfter }: Manners): Promise<boolean> {
  const pause = async (): Promise<unknown> => randomInt(pauses) === 0 && sleep(randomInt(4));
  const req = sendHttp(url, { method: 'POST', agent: false });
  let wake = (): void => {};
  req.on('drain', () => wake()).on('close', () => wake());
  const receive = async (): Promise<string> => {
    const received = createHash('sha256');
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    let count = 0;
    await sleep(waits);
    for await (const chunk of res) {
      received.update(chunk);
      count += chunk.length;
      if (leaveAfter !== undefined && count > leaveAfter) req.destroy();
      await pause();
    }
    return received.digest('hex');
  };
  const send = async (): Promise<string> => {
    const sent = createHash('sha256');
    for (let left = bytes; left > 0 && !req.destroyed; ) {
      const start = randomInt(noise.length);
      const chunk = noise.subarray(start, start + Math.min(left, randomInt(1, piece + 1)));
      left -= chunk.length;
      sent.update(chunk);
      if (!req.write(chunk)) await new Promise<void>((resolve) => (wake = resolve));
      await pause();
    }
    req.end();
    return sent.digest('hex');
  };
  const [there, back] = await Promise.all([send(), receive()]);
  return there === back;
}

for (const guest of ['echo-c', 'echo-p3']) {
  test(`${guest}: random bodies come back whole, among clients that are slow and such that go away`, async () => {
    const url = await serve(guest);
    const lane = async (lane: number): Promise<void> => {
      for (let round = 0; round < 4; round++) {
        const large = lane < 4 && round === 2;
        const bytes = large ? 16_000_000 : randomInt(3) === 0 ? randomInt(100) : randomInt(2_000_000);
        const piece = [100_000, 65_536, 10_000, 3_000][lane % 4] as number;
        const manners = { bytes, piece, pauses: lane % 2 === 0 ? 50 : 500, waits: large ? 200 : 0 };
        if (round === 1) {
          const leaves = echo(url, { ...manners, bytes: 2_000_000, leaveAfter: randomInt(1_000_000) });
          await assert.rejects(leaves, /ECONNRESET|aborted|hang up/);
        } else assert.ok(await echo(url, manners), `${bytes} bytes in lane ${lane}`);
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, number) => lane(number)));
  });

  test(`${guest}: a client that reads nothing can send little`, async () => {
    const url = await serve(guest);
    let sent = 0;
    const req = sendHttp(url, { method: 'POST', agent: false }, (res) => res.on('error', () => undefined).pause());
    req.on('error', () => undefined);
    const push = (): void => {
      do sent += 65_536;
      while (req.write(noise.subarray(0, 65_536)));
    };
    req.on('drain', push);
    push();
    // The buffers of the system on both ways take some megabytes; then nothing moves any more.
    let before = -1;
    while (before !== sent) {
      before = sent;
      await sleep(400);
    }
    assert.ok(sent < 40_000_000, `${sent} bytes were taken`);
    req.destroy();
  });
}
