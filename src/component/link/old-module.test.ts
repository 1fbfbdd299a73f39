// Modules of the time before components are told apart, linked to fermyon:spin, and checked by their types.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, callExport, instantiatePlan } from '../../../test/support/wat.ts';
import { MayflyError, Trap } from '../../errors.ts';
import { createUnsupportedService } from '../../host/unsupported/service.ts';
import type { Plan } from '../canon/plan.ts';
import { readCoreModule } from '../rewrite/read-core-module.ts';
import type { HostInterface } from '../types/val-type.ts';
import { HostRegistry } from './host-registry.ts';
import { isOldModule, linkOldModule } from './old-module.ts';

const config: HostInterface = {
  name: 'fermyon:spin/config',
  version: undefined,
  service: 'variables',
  resources: {},
  functions: {
    'get-config': { call: (_state: never, key: string) => ({ tag: 'ok', val: `<${key}>` }), suspends: false },
  },
  signatures: {
    'get-config':
      'func(string) -> result<string, variant{provider(string), invalid-key(string), invalid-schema(string), other(string)}>',
  },
};
const unsupported = createUnsupportedService();
const host = new HostRegistry([config], [], (name) => unsupported.standIn?.(name));

const handle = `(func (export "handle-redis-message") (param i32 i32) (result i32)
  (call $config (local.get 0) (local.get 1) (i32.const 16))
  (i32.store8 (i32.const 8) (i32.load8_u (i32.const 16)))
  (i32.store8 (i32.const 9) (i32.const 1))
  (i32.const 8))`;
const memory = `(memory (export "memory") 1)
  (func (export "canonical_abi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 2048))`;
const configImport = '(import "spin-config" "get-config" (func $config (param i32 i32 i32)))';

async function link(text: string): Promise<Plan> {
  const bytes = await assemble(`(module ${text})`);
  return linkOldModule(bytes, readCoreModule(bytes), host);
}

async function codeOf(text: string): Promise<string> {
  try {
    await link(text);
    return 'linked';
  } catch (error) {
    assert.ok(error instanceof MayflyError, String(error));
    return `${error.code}: ${error.message}`;
  }
}

test('imports and exports of before components are those of fermyon:spin', async () => {
  const plan = await link(configImport + memory + handle);
  assert.deepEqual([plan.services, plan.imports, plan.keepsResults], [['variables'], ['fermyon:spin/config'], true]);
  const instance = instantiatePlan(plan, { context: { state: () => undefined } });
  const answer = callExport(instance, 'fermyon:spin/inbound-redis#handle-message', Buffer.from('key'));
  assert.deepEqual(answer, { tag: 'ok', val: undefined });
});

test('an interface that the host knows by name only ends the guest when it is called', async () => {
  const store = '(import "key-value" "get-keys" (func $keys (param i32 i32)))';
  const call = '(func (export "_start") (call $keys (i32.const 0) (i32.const 8)))';
  const plan = await link(store + memory + call);
  assert.deepEqual(plan.imports, ['fermyon:spin/key-value']);
  const instance = instantiatePlan(plan, { context: { state: () => undefined } });
  assert.throws(
    () => callExport(instance, 'wasi:cli/run@0.2.0#run'),
    (error) => error instanceof Trap && error.message.includes('"fermyon:spin/key-value get-keys"'),
  );
});

test('imports have to be there, under the type that the host has', async () => {
  const other = configImport.replace('i32 i32 i32', 'i32 i64 i32');
  assert.match(await codeOf(other + memory), /^component-corrupt.*\(i32 i64 i32\).*instead of \(i32 i32 i32\)/);
  for (const name of ['nothing', 'constructor', '__proto__', 'toString']) {
    assert.match(await codeOf(`(import "spin-config" "${name}" (func)) ${memory}`), /^component-import-missing/, name);
  }
  assert.match(await codeOf(`(import "object-store" "get" (func)) ${memory}`), /^component-import-missing/);
  assert.match(await codeOf(`(import "key-value" "get" (global i32)) ${memory}`), /^component-corrupt.*a global/);
  assert.match(await codeOf('(import "spin-config" "get-config" (func (param i32 i32 i32)))'), /^component-is-module/);
  assert.match(
    await codeOf(`${memory} (func (export "handle-http-request") (param i32) (result i32) (i32.const 0))`),
    /^component-corrupt.*"handle-http-request" as/,
  );
});

test('what such a module is told by', async () => {
  const isOld = async (text: string): Promise<boolean> =>
    isOldModule(readCoreModule(await assemble(`(module ${text})`)));
  assert.ok(await isOld('(func (export "handle-http-request")) (func (export "_start"))'));
  assert.ok(await isOld('(func (export "handle-redis-message"))'));
  assert.ok(await isOld(`${configImport} (func (export "_start"))`));
  assert.ok(!(await isOld('(func (export "_start"))')));
  assert.ok(!(await isOld('(global (export "handle-http-request") i32 (i32.const 0))')));
  assert.ok(!(await isOld('(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))')));
});

test('the name of each interface of before components, and what it is called now', async () => {
  const names = {
    'spin-config': 'fermyon:spin/config',
    'wasi-outbound-http': 'fermyon:spin/http',
    'key-value': 'fermyon:spin/key-value',
    'outbound-redis': 'fermyon:spin/redis',
    'outbound-pg': 'fermyon:spin/postgres',
    'outbound-mysql': 'fermyon:spin/mysql',
    sqlite: 'fermyon:spin/sqlite',
    llm: 'fermyon:spin/llm',
  };
  const offered = Object.values(names).map(
    (name): HostInterface => ({
      name,
      version: undefined,
      service: name,
      resources: {},
      functions: { ping: { call: () => undefined, suspends: false } },
      signatures: { ping: 'func()' },
    }),
  );
  for (const [old, now] of Object.entries(names)) {
    const bytes = await assemble(`(module (import "${old}" "ping" (func)) ${memory})`);
    const plan = linkOldModule(bytes, readCoreModule(bytes), new HostRegistry(offered));
    assert.deepEqual([plan.imports, plan.services], [[now], [now]], old);
  }
});
