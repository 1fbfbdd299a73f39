// What a request has open is counted and ended with it, whenever it was opened.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostByteBudget } from '../../component/types/host-byte-budget.ts';
import { testLog } from '../../telemetry/log.test-kit.ts';
import type { SandboxContext } from '../service.ts';
import type { AppDatabases } from './app-databases.ts';
import type { Connection, Database, Later } from './database.ts';
import { OpenConnections } from './open-connections.ts';

function opened(get?: (label: string) => Later<Database | undefined>) {
  const seen = { sessions: 0, ended: 0, closed: 0 };
  const database = (): Database => ({
    session() {
      seen.sessions += 1;
      return {
        connect: () => ({ close: () => void seen.closed++ }) as unknown as Connection,
        close: () => void seen.ended++,
      };
    },
    start: () => undefined,
    close: () => undefined,
  });
  const [one, two] = [database(), database()];
  const known = (label: string) => (label === 'one' ? one : two);
  const { log, lines } = testLog();
  const { signal } = new AbortController();
  const component = { id: 'c', sqliteDatabases: ['one', 'two'] };
  const sandbox = { component, log, signal, hostBytes: new HostByteBudget(1) } as unknown as SandboxContext;
  const state = new OpenConnections({ get: get ?? known } as unknown as AppDatabases, sandbox);
  const open = (label: string): Connection => {
    const result = state.open(label);
    assert.ok(!(result instanceof Promise) && result.tag === 'ok');
    return result.val;
  };
  return { state, seen, open, lines, signal, hostBytes: sandbox.hostBytes, one };
}

test('connections to one database share a session, and the end of the request ends each session once', () => {
  const { state, seen, open, signal, hostBytes } = opened();
  open('one');
  open('one');
  open('two');
  assert.deepEqual(seen, { sessions: 2, ended: 0, closed: 0 });
  state.finish();
  state.finish();
  assert.equal(seen.ended, 2);
  assert.deepEqual([state.signal, state.hostBytes], [signal, hostBytes]);
});

test('a number that is closed twice makes room once, and its connection is closed once', () => {
  const { state, seen, open } = opened();
  const numbers = Array.from({ length: 256 }, () => state.number(open('one')));
  assert.equal(new Set(numbers).size, 256);
  const [first = 0] = numbers;
  state.closeNumber(first);
  state.closeNumber(first);
  state.closeNumber(-1);
  assert.equal(seen.closed, 1);
  assert.equal(state.numbered.has(first), false);
  open('one');
  assert.deepEqual(state.open('one'), { tag: 'err', val: { tag: 'io', val: 'too many connections opened' } });
});

test('a database that is there only after the request was over opens nothing', async () => {
  const late = Promise.withResolvers<Database | undefined>();
  const { state, seen, one } = opened(() => late.promise);
  const opening = state.open('one');
  state.finish();
  late.resolve(one);
  await assert.rejects(async () => opening, { message: 'the request is over' });
  assert.equal(seen.sessions, 0);
});

test('the log says of a label that is denied what to write, and does not say it for ever', () => {
  const { state, lines } = opened();
  for (let count = 0; count < 1000; count++) {
    assert.deepEqual(state.open('other'), { tag: 'err', val: { tag: 'access-denied' } });
  }
  assert.deepEqual(lines[0]?.fields, { event: 'label-denied', label: 'other' });
  assert.equal(lines.length, 3);
});
