// A broker that goes away and comes back, in whatever way, loses no trigger; the log says each change once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { testLog } from '../telemetry/log.test-kit.ts';
import { type BrokerConnection, KeptConnection, pauseMs } from './keep-connected.ts';

const limit = { timeout: 5_000 };
const pauses = { firstMs: 2, mostMs: 8, wellAfterMs: 1_000 };

/** A broker that refuses as often as it is told to, and whose connections can be broken. */
function broker(times = pauses) {
  const state = { refusals: 0, attempts: 0, closed: 0 };
  let lose: ((reason: string) => void) | undefined;
  const { log, lines } = testLog();
  async function connect(): Promise<BrokerConnection> {
    state.attempts++;
    if (state.refusals-- > 0) throw new Error('refused');
    const { promise: lost, resolve } = Promise.withResolvers<string>();
    lose = resolve;
    const close = (): void => {
      state.closed++;
      resolve('closed');
    };
    return { lost, close };
  }
  const kept = new KeptConnection({ trigger: 'test', origin: 'broker:1', connect }, log, times);
  const said = () => lines.map(({ fields }) => fields.event);
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await delay(1);
  };
  return { state, kept, said, until, lines, lose: (reason: string) => lose?.(reason) };
}

test('a connection that is lost is made again', limit, async () => {
  const { kept, said, until, lose, state, lines } = broker();
  await kept.start();
  assert.deepEqual(said(), ['broker-connected']);
  assert.equal(kept.trouble, undefined);
  lose('it ended');
  await until(() => said().length === 3);
  assert.deepEqual(said(), ['broker-connected', 'broker-lost', 'broker-connected']);
  assert.equal(lines[1]?.fields.reason, 'it ended');
  assert.equal(lines[1]?.fields.origin, 'broker:1');
  await kept.stop();
  assert.equal(state.attempts, 2);
});

test('one that is not there at first is waited for; many attempts are one line', limit, async () => {
  const { kept, said, until, state } = broker();
  state.refusals = 5;
  await kept.start();
  assert.equal(state.attempts, 1);
  assert.equal(kept.trouble, 'no connection to broker:1');
  await until(() => said().includes('broker-connected'));
  assert.deepEqual(said(), ['broker-lost', 'broker-connected']);
  assert.equal(state.attempts, 6);
  assert.equal(kept.trouble, undefined);
  await kept.stop();
});

test('a stop ends the connection, and a pause between attempts', limit, async () => {
  const connected = broker();
  await connected.kept.start();
  await connected.kept.stop();
  assert.ok(connected.state.closed > 0);
  assert.deepEqual(connected.said(), ['broker-connected']);
  const absent = broker();
  absent.state.refusals = Number.POSITIVE_INFINITY;
  await absent.kept.start();
  await absent.kept.stop();
  const { attempts } = absent.state;
  await delay(30);
  assert.equal(absent.state.attempts, attempts);
});

test('pauses double up to the longest, and half of each is chance', () => {
  const times = { firstMs: 100, mostMs: 30_000, wellAfterMs: 0 };
  const at = (random: number) => [0, 1, 2, 8, 9, 1e9].map((failures) => pauseMs(failures, times, () => random));
  assert.deepEqual(at(0), [50, 100, 200, 12_800, 15_000, 15_000]);
  assert.deepEqual(at(1), [100, 200, 400, 25_600, 30_000, 30_000]);
});

/** The pauses after each of so many connections that were lost. */
async function pausesAfter(count: number, wellAfterMs: number): Promise<number[]> {
  const { kept, said, until, lose, lines } = broker({ firstMs: 2, mostMs: 64, wellAfterMs });
  await kept.start();
  for (let lost = 1; lost <= count; lost++) {
    lose('it ended');
    await until(() => said().length === 1 + 2 * lost);
  }
  await kept.stop();
  return lines.filter(({ fields }) => fields.event === 'broker-lost').map(({ fields }) => Number(fields.delayMs));
}

test('pauses begin anew after a connection that lasted, and not after one that did not', limit, async () => {
  for (const ms of await pausesAfter(6, 0)) assert.ok(ms <= 2, `${ms} ms`);
  // Longer than any connection lasts here, and shorter than this process.
  const short = await pausesAfter(5, performance.now());
  short.forEach((ms, index) => {
    const whole = 2 * 2 ** index;
    assert.ok(ms >= whole / 2 && ms <= whole, `${ms} ms after ${index}`);
  });
});

test('a connection that comes after the stop is closed, and not said', limit, async () => {
  const { log, lines } = testLog();
  const { promise, resolve } = Promise.withResolvers<BrokerConnection>();
  const connect = (): Promise<BrokerConnection> => promise;
  const kept = new KeptConnection({ trigger: 'test', origin: 'broker:1', connect }, log, pauses);
  const started = kept.start();
  const again = kept.start();
  const stopped = kept.stop();
  const { promise: lost, resolve: lose } = Promise.withResolvers<string>();
  let closed = 0;
  const close = (): void => {
    closed += 1;
    lose('closed');
  };
  resolve({ lost, close });
  await Promise.all([started, again, stopped]);
  assert.ok(closed > 0);
  assert.deepEqual(lines, []);
});

test('an error without words is no connection', limit, async () => {
  const { log, lines } = testLog();
  const connect = (): Promise<BrokerConnection> => Promise.reject(new Error(''));
  const kept = new KeptConnection({ trigger: 'test', origin: 'broker:1', connect }, log, pauses);
  await kept.start();
  await kept.stop();
  assert.equal(lines[0]?.fields.reason, 'no connection');
});
