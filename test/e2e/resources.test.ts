// Handles in both directions: a guest exports a resource that wraps one of the host. Ours and jco see the same calls, and
// so does ours when it gets the core module that was not wrapped into a component.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { guest } from '../guests/build.ts';
import { unwrap } from '../support/embedded.ts';
import { bothRuntimes, type Call, ourRuntime, type Runtime } from '../support/runtimes.ts';

const api = 'test:resources/counters';

interface Host {
  readonly log: string[];
  readonly call: Call;
}

/** Starts the guest with counters of the host that write down what happens to them. */
function start(runtime: Runtime): Host {
  const log: string[] = [];
  class Counter {
    value: number;
    constructor(from: number) {
      this.value = from;
      log.push(`new ${from}`);
    }
    add(by: number): number {
      this.value += by;
      log.push(`add ${by}`);
      return this.value;
    }
    static larger(left: Counter, right: Counter): number {
      log.push(`larger ${left.value} ${right.value}`);
      return Math.max(left.value, right.value);
    }
    [Symbol.dispose](): void {
      log.push(`drop ${this.value}`);
    }
  }
  const functions = {
    finish: () => assert.fail('finish was called'),
    sum: (all: readonly Counter[]) => {
      log.push(`sum of ${all.map(({ value }) => value).join(' ')}`);
      return new Counter(all.reduce((total, { value }) => total + value, 0));
    },
    pass: (what: Counter | undefined) => {
      log.push(`pass ${what?.value}`);
      return what;
    },
  };
  return { log, call: runtime.start({ [api]: functions }, { [api]: { counter: Counter } }) };
}

const world = join(import.meta.dirname, '../guests/resources-c/resources.wit');
const runtimes = guest('resources-c').then(async (component) => [
  ...(await bothRuntimes(component)),
  ourRuntime(await unwrap(component, await readFile(world, 'utf8'))),
]);

/** Runs `scenario` in both; the log of the host's side has to be `expected`. */
function behaviour(name: string, scenario: (call: Call) => void, expected: readonly string[]): void {
  test(name, async () => {
    for (const runtime of await runtimes) {
      const { log, call } = start(runtime);
      scenario(call);
      assert.deepEqual(log, expected, runtime.name);
    }
  });
}

const create = (call: Call, from: number): unknown => call(`${api}#[constructor]counter`, from);

behaviour(
  'constructors and methods: self is a borrow',
  (call) => {
    const counter = create(call, 5);
    assert.equal(call(`${api}#[method]counter.add`, counter, 3), 8);
    assert.equal(call(`${api}#[method]counter.add`, counter, 4_294_967_295 - 8), 4_294_967_295);
  },
  ['new 5', 'add 3', 'add 4294967287'],
);

behaviour(
  'several borrows in one call, of one resource, too',
  (call) => {
    const [left, right] = [create(call, 1), create(call, 2)];
    assert.equal(call(`${api}#[static]counter.larger`, left, right), 2);
    assert.equal(call(`${api}#[static]counter.larger`, left, left), 1);
  },
  ['new 1', 'new 2', 'larger 1 2', 'larger 1 1'],
);

behaviour(
  'giving a resource away: its destructor drops what it held',
  (call) => assert.equal(call(`${api}#finish`, create(call, 9)), 9),
  ['new 9', 'add 0', 'drop 9'],
);

behaviour(
  'a list of borrows in, an own out',
  (call) => {
    const counters = [1, 20, 300].map((from) => create(call, from));
    const sum = call(`${api}#sum`, counters);
    assert.equal(call(`${api}#[method]counter.add`, sum, 1), 322);
    assert.equal(call(`${api}#[method]counter.add`, counters[0], 1), 2);
  },
  ['new 1', 'new 20', 'new 300', 'sum of 1 20 300', 'new 321', 'add 1', 'add 1'],
);

behaviour(
  'an own in an option, there and back',
  (call) => {
    assert.equal(call(`${api}#pass`, undefined), undefined);
    const passed = call(`${api}#pass`, create(call, 7));
    assert.equal(call(`${api}#[method]counter.add`, passed, 1), 8);
  },
  ['pass undefined', 'new 7', 'add 0', 'new 7', 'drop 7', 'pass 7', 'add 1'],
);
