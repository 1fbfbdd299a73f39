// Guests of the asynchronous ABI as text: every built-in is at hand as `$name`, and a host whose promises the test
// settles.
import type { Component } from '../../src/component/binary/ast.ts';
import { decodeComponent } from '../../src/component/binary/decode.ts';
import type { Instance } from '../../src/component/canon/instance.ts';
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import { linkComponent } from '../../src/component/link/link.ts';
import { readCoreModule } from '../../src/component/rewrite/read-core-module.ts';
import type { HostInterface } from '../../src/component/types/val-type.ts';
import { assemble, callExport, instantiatePlan } from './wat.ts';

const mem = '(memory (core memory $libc "memory"))';
const realloc = '(realloc (core func $libc "realloc"))';

/** Name → what is behind `canon`, and the core type. `$s` is a stream of bytes, `$t` of u16, `$u` of strings. */
const builtins: Readonly<Record<string, readonly [canon: string, type: string]>> = {
  'set-new': ['waitable-set.new', '(result i32)'],
  'set-wait': [`waitable-set.wait ${mem}`, '(param i32 i32) (result i32)'],
  'set-wait-c': [`waitable-set.wait ${mem}`, '(param i32 i32) (result i32)'],
  'set-poll': [`waitable-set.poll ${mem}`, '(param i32 i32) (result i32)'],
  'set-poll-c': [`waitable-set.poll ${mem}`, '(param i32 i32) (result i32)'],
  'set-drop': ['waitable-set.drop', '(param i32)'],
  join: ['waitable.join', '(param i32 i32)'],
  'sub-drop': ['subtask.drop', '(param i32)'],
  'sub-cancel': ['subtask.cancel', '(param i32) (result i32)'],
  'sub-cancel-a': ['subtask.cancel async', '(param i32) (result i32)'],
  return: ['task.return (result u32)', '(param i32)'],
  'return-none': ['task.return', ''],
  'return-16': [`task.return (result u32) ${mem} string-encoding=utf16`, '(param i32)'],
  'task-cancel': ['task.cancel', ''],
  yield: ['thread.yield', '(result i32)'],
  'yield-c': ['thread.yield', '(result i32)'],
  suspend: ['thread.suspend', '(result i32)'],
  'suspend-c': ['thread.suspend', '(result i32)'],
  later: ['thread.resume-later', '(param i32)'],
  'go-to': ['thread.suspend-then-resume', '(param i32) (result i32)'],
  'yield-to': ['thread.yield-then-resume', '(param i32) (result i32)'],
  'promote-to': ['thread.suspend-then-promote', '(param i32) (result i32)'],
  'yield-promote': ['thread.yield-then-promote', '(param i32) (result i32)'],
  index: ['thread.index', '(result i32)'],
  spawn: ['thread.new-indirect $start (core table $table)', '(param i32 i32) (result i32)'],
  'ctx-get': ['context.get i32 0', '(result i32)'],
  'ctx-set': ['context.set i32 0', '(param i32)'],
  'ctx-get-1': ['context.get i32 1', '(result i32)'],
  'ctx-set-1': ['context.set i32 1', '(param i32)'],
  'press-inc': ['backpressure.inc', ''],
  'press-dec': ['backpressure.dec', ''],
  'ec-new': [`error-context.new ${mem}`, '(param i32 i32) (result i32)'],
  'ec-text': [`error-context.debug-message ${mem} ${realloc}`, '(param i32 i32)'],
  'ec-drop': ['error-context.drop', '(param i32)'],
  ...ends('s', 'stream', '$s'),
  ...ends('t', 'stream', '$t'),
  ...ends('u', 'stream', '$u'),
  ...ends('f', 'future', '$f'),
  'own-new': ['resource.new $r', '(param i32) (result i32)'],
  'own-rep': ['resource.rep $r', '(param i32) (result i32)'],
  'own-drop': ['resource.drop $r', '(param i32)'],
};

function ends(prefix: string, kind: string, type: string): Record<string, readonly [string, string]> {
  const copy = kind === 'stream' ? '(param i32 i32 i32) (result i32)' : '(param i32 i32) (result i32)';
  return {
    [`${prefix}-new`]: [`${kind}.new ${type}`, '(result i64)'],
    [`${prefix}-read`]: [`${kind}.read ${type} async ${mem} ${realloc}`, copy],
    [`${prefix}-read-s`]: [`${kind}.read ${type} ${mem} ${realloc}`, copy],
    [`${prefix}-write`]: [`${kind}.write ${type} async ${mem}`, copy],
    [`${prefix}-write-s`]: [`${kind}.write ${type} ${mem}`, copy],
    [`${prefix}-stop-read`]: [`${kind}.cancel-read ${type}`, '(param i32) (result i32)'],
    [`${prefix}-stop-read-a`]: [`${kind}.cancel-read ${type} async`, '(param i32) (result i32)'],
    [`${prefix}-stop-write`]: [`${kind}.cancel-write ${type}`, '(param i32) (result i32)'],
    [`${prefix}-stop-write-a`]: [`${kind}.cancel-write ${type} async`, '(param i32) (result i32)'],
    [`${prefix}-drop-r`]: [`${kind}.drop-readable ${type}`, '(param i32)'],
    [`${prefix}-drop-w`]: [`${kind}.drop-writable ${type}`, '(param i32)'],
  };
}

export const builtinNames: readonly string[] = Object.keys(builtins);

/** The core type of a built-in. */
export function builtinType(name: string): string {
  return builtins[name]?.[1] ?? '';
}

/** How the export `run` is lifted. Core functions of the same names are the guest's to define. */
export const lifts = {
  /** Of asynchronous type, lifted synchronously: may be suspended. */
  plain: '(func (export "run") async (result u32) (canon lift (core func $i "run")))',
  /** Of synchronous type. */
  sync: '(func (export "run") (result u32) (canon lift (core func $i "run")))',
  stackful: `(func (export "run") async (result u32) (canon lift (core func $i "run") async ${mem}))`,
  callback: `(func (export "run") async (result u32) (canon lift (core func $i "run") async ${mem} (callback (core func $i "cb"))))`,
  /** With a post-return function. */
  post: '(func (export "run") (result u32) (canon lift (core func $i "run") (post-return (core func $i "post"))))',
} as const;

export interface AsyncGuest {
  /** In the core module. Memory and table are imported; `$ready` is `(i32.wrap_i64 …)` of the readable end. */
  readonly body: string;
  readonly lift?: string;
  /** In place of the allocator, which only goes on. */
  readonly realloc?: string;
}

export function asyncGuest({ body, lift = lifts.plain, realloc: ownRealloc }: AsyncGuest): string {
  return `(component
    (import "test:t/host" (instance $host
      (export "slow" (func async (param "x" u32) (result u32)))
      (export "take" (func (param "s" (stream u8))))
      (export "take-f" (func (param "f" (future u8))))
      (export "text" (func (result string)))))
    (core module $libc (memory (export "memory") 1) (table (export "table") 8 funcref)
      (global $free (mut i32) (i32.const 8192))
      ${
        ownRealloc ??
        `(func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
          (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
          (global.set $free (i32.add (local.get $at) (local.get 3))) (local.get $at))`
      })
    (core instance $libc (instantiate $libc))
    (core type $start (func (param i32)))
    (alias core export $libc "table" (core table $table))
    (type $s (stream u8)) (type $t (stream u16)) (type $u (stream string)) (type $f (future u8))
    (type $r (resource (rep i32)))
    (core func $slow (canon lower (func $host "slow") async ${mem}))
    (core func $slow-s (canon lower (func $host "slow") ${mem}))
    (core func $take (canon lower (func $host "take")))
    (core func $take-f (canon lower (func $host "take-f")))
    (core func $text (canon lower (func $host "text") ${mem} ${realloc}))
    ${Object.entries(builtins)
      .map(([name, [canon]]) => `(core func $${name} (canon ${canon}))`)
      .join('\n')}
    (core module $m
      (import "libc" "memory" (memory 1)) (import "libc" "table" (table 8 funcref))
      (import "h" "slow" (func $slow (param i32 i32) (result i32)))
      (import "h" "slow-s" (func $slow-s (param i32) (result i32)))
      (import "h" "take" (func $take (param i32))) (import "h" "take-f" (func $take-f (param i32)))
      (import "h" "text" (func $text (param i32)))
      ${Object.entries(builtins)
        .map(([name, [, type]]) => `(import "i" "${name}" (func $${name} ${type}))`)
        .join('\n')}
      (func $lo (param i64) (result i32) (i32.wrap_i64 (local.get 0)))
      (func $hi (param i64) (result i32) (i32.wrap_i64 (i64.shr_u (local.get 0) (i64.const 32))))
      ${body})
    (core instance $i (instantiate $m (with "libc" (instance $libc))
      (with "h" (instance (export "slow" (func $slow)) (export "slow-s" (func $slow-s)) (export "take" (func $take))
        (export "take-f" (func $take-f)) (export "text" (func $text))))
      (with "i" (instance ${builtinNames.map((name) => `(export "${name}" (func $${name}))`).join(' ')}))))
    ${lift})`;
}

export interface AsyncRun {
  readonly instance: Instance;
  /** One for each call of `slow`, in order: its promise, its parameter, and whether it was called off. */
  readonly calls: { readonly x: number; readonly answer: PromiseWithResolvers<number>; cancelled: number }[];
  /** What `take` and `take-f` got. */
  readonly taken: unknown[];
  call(name?: string): Promise<unknown>;
}

/** The text format has no word for `cancellable`: of each two built-ins of one name the second one is. */
function withCancellable(component: Component): Component {
  const seen = new Set<string>();
  const definitions = component.definitions.map((definition) => {
    if (definition.kind !== 'canon' || definition.canon.kind !== 'builtin') return definition;
    const { canon } = definition;
    if (!/^(waitable-set\.(wait|poll)|thread\.(yield|suspend))$/.test(canon.name)) return definition;
    const cancellable = seen.has(canon.name);
    seen.add(canon.name);
    return { ...definition, canon: { ...canon, cancellable } };
  });
  return { ...component, definitions };
}

const context = { state: () => undefined };

export async function startAsync(guest: AsyncGuest): Promise<AsyncRun> {
  const calls: AsyncRun['calls'] = [];
  const taken: unknown[] = [];
  const slow = (_: never, x: never): unknown => {
    const one: AsyncRun['calls'][number] = { x, answer: Promise.withResolvers<number>(), cancelled: 0 };
    calls.push(one);
    one.answer.promise.catch(() => undefined);
    return Object.assign(one.answer.promise, { cancel: () => void one.cancelled++ });
  };
  const take = (_: never, value: never): void => void taken.push(value);
  const host: HostInterface = {
    name: 'test:t/host',
    version: undefined,
    service: 't',
    resources: {},
    functions: {
      slow: { call: slow, suspends: true },
      take: { call: take, suspends: false },
      'take-f': { call: take, suspends: false },
      text: { call: () => 'a text', suspends: false },
    },
  };
  const plan = linkComponent(withCancellable(decodeComponent(await assemble(asyncGuest(guest)))), {
    host: new HostRegistry([host]),
    moduleImports: (bytes) => readCoreModule(bytes).imports,
  });
  const instance = instantiatePlan(plan, { context });
  const call = async (name = 'run'): Promise<unknown> => callExport(instance, name);
  return { instance, calls, taken, call };
}

/** Lets all microtasks and a turn of the event loop pass. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
