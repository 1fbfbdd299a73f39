// A core module that carries its world runs as a component would, and has to be what the world says.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { guest } from '../../../test/guests/build.ts';
import { unwrap } from '../../../test/support/embedded.ts';
import { assemble, callExport, instantiatePlan } from '../../../test/support/wat.ts';
import { MayflyError } from '../../errors.ts';
import type { Plan } from '../canon/plan.ts';
import { readCoreModule } from '../rewrite/read-core-module.ts';
import type { HostInterface } from '../types/val-type.ts';
import type { Part } from './composition.ts';
import { linkCoreComponent } from './core-component.ts';
import { hasWorld } from './core-module-kind.ts';
import { HostRegistry } from './host-registry.ts';
import { linkComposition } from './link.ts';

const words: HostInterface = {
  name: 'test:words/words',
  version: undefined,
  service: 'test',
  resources: {},
  functions: { shout: { call: (_state: never, text: string) => text.toUpperCase(), suspends: false } },
};
const host = new HostRegistry([words]);

/** The world of the modules below; the nesting is what wit-component writes. */
function world(declarations: string): Promise<Uint8Array> {
  return assemble(`(component (type (export "w") (component (export "test:w/w" (component ${declarations})))))`);
}

/** (import test:words/words, with more functions than the host has; export twice: func(string) -> string) */
const words2 = `
  (import "test:words/words" (instance
    (export "shout" (func (param "text" string) (result string)))
    (export "whisper" (func (param "text" string) (result string)))))
  (import "test:absent/absent" (instance (export "thing" (type (sub resource)))
    (export "f" (func))))
  (export "twice" (func (param "text" string) (result string)))
  (export "test:out/out" (instance (export "answer" (func (result u32)))))`;

const body = `
  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.get $free) (global.set $free (i32.add (global.get $free) (local.get 3))))
  (func (export "twice") (param i32 i32) (result i32)
    (call $shout (local.get 0) (local.get 1) (i32.const 16))
    (i32.const 16))
  (func (export "cabi_post_twice") (param i32) (global.set $posted (i32.add (global.get $posted) (i32.const 1))))
  (global $posted (mut i32) (i32.const 0))
  (global $initialized (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $initialized (i32.const 40)))
  (func (export "test:out/out#answer") (result i32) (i32.add (global.get $initialized) (global.get $posted)))`;
const shout = '(import "test:words/words" "shout" (func $shout (param i32 i32 i32)))';

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function withSection(module: Uint8Array, payload: Uint8Array, name = 'component-type:test'): Uint8Array {
  const contents = [name.length, ...Buffer.from(name), ...payload];
  return Uint8Array.from([...module, 0, ...leb(contents.length), ...contents]);
}

async function link(module: string, declarations: string, registry = host): Promise<Plan> {
  const bytes = withSection(await assemble(`(module ${module})`), await world(declarations));
  return linkCoreComponent(bytes, readCoreModule(bytes), registry);
}

async function codeOf(module: string, declarations = words2): Promise<string> {
  try {
    await link(module, declarations);
    return 'linked';
  } catch (error) {
    assert.ok(error instanceof MayflyError, String(error));
    return `${error.code}: ${error.message} (${error.hint})`;
  }
}

test('imports, exports, post-return and _initialize, without a component around the module', async () => {
  const plan = await link(shout + body, words2);
  const instance = instantiatePlan(plan, { context: { state: () => undefined } });
  assert.equal(callExport(instance, 'test:out/out#answer'), 40);
  assert.equal(callExport(instance, 'twice', 'hello'), 'HELLO');
  assert.equal(callExport(instance, 'twice', 'wörld'), 'WÖRLD');
  assert.equal(callExport(instance, 'test:out/out#answer'), 42);
  assert.deepEqual([plan.services, plan.imports, plan.asynchronous], [['test'], ['test:words/words'], false]);
});

test('what the world names and the module does not use need not be there', async () => {
  assert.equal(await codeOf(shout + body), 'linked');
  const whisper = '(import "test:words/words" "whisper" (func (param i32 i32 i32)))';
  assert.match(await codeOf(shout + whisper + body), /^component-import-missing.*whisper.*shout/);
  const absent = '(import "test:absent/absent" "f" (func))';
  assert.match(await codeOf(shout + absent + body), /^component-import-missing.*test:absent\/absent/);
  const drop = '(import "test:absent/absent" "[resource-drop]thing" (func (param i32)))';
  assert.equal(await codeOf(shout + drop + body), 'linked');
});

test('the module has to be what its world says', async () => {
  const wrong = shout.replace('(param i32 i32 i32)', '(param i32 i64 i32)');
  assert.match(await codeOf(wrong + body.replace('(local.get 1)', '(i64.const 1)')), /^component-corrupt.*shout/);
  assert.match(await codeOf(shout + body.replace('"twice"', '"thrice"')), /^component-corrupt.*no function "twice"/);
  const export64 = body.replace(
    '(result i32) (i32.add (global.get $initialized) (global.get $posted))',
    '(result i64) (i64.const 1)',
  );
  assert.match(await codeOf(shout + export64), /^component-corrupt.*"test:out\/out#answer" as/);
  assert.match(await codeOf(`(import "env" "f" (func)) ${shout}${body}`), /^component-import-missing.*jco new/);
  assert.match(
    await codeOf(`(import "test:words/words" "nothing" (func)) ${shout}${body}`),
    /^component-import-missing/,
  );
  assert.match(
    await codeOf(`(import "[export]test:out/out" "[resource-new]x" (func)) ${shout}${body}`),
    /^component-import-missing/,
  );
  const noMemory = body.replace('(export "memory") ', '');
  assert.match(await codeOf(shout + noMemory), /^component-is-module.*"memory"/);
});

test('sections that hold no world, in whatever way', async () => {
  const module = await assemble(`(module ${shout}${body})`);
  const payload = await world(words2);
  const attempt = (bytes: Uint8Array): string => {
    try {
      linkCoreComponent(bytes, readCoreModule(bytes), host);
      return 'linked';
    } catch (error) {
      assert.ok(error instanceof MayflyError, String(error));
      return error.code;
    }
  };
  assert.equal(attempt(withSection(module, payload)), 'linked');
  assert.equal(attempt(withSection(module, new Uint8Array(0))), 'component-unsupported');
  assert.equal(attempt(withSection(module, module)), 'component-unsupported');
  assert.equal(attempt(withSection(module, payload.subarray(0, 8))), 'component-import-missing');
  assert.equal(attempt(withSection(module, await assemble('(component (type (component)))'))), 'component-corrupt');
  assert.ok(hasWorld(readCoreModule(withSection(module, payload))));
  assert.ok(!hasWorld(readCoreModule(withSection(module, payload, 'other'))));
  for (let round = 0; round < 300; round++) {
    const mutilated = payload.slice(0, Math.random() < 0.3 ? Math.floor(Math.random() * payload.length) : undefined);
    for (let count = 0; count < 3; count++)
      mutilated[Math.floor(Math.random() * mutilated.length)] = Math.floor(Math.random() * 256);
    attempt(withSection(module, mutilated));
  }
});

test('a section of the older form: a package, and the name of one of its worlds', async () => {
  const module = await assemble(`(module ${shout}${body})`);
  const text = (id: string, declarations: string): string =>
    `(type (component (export "test:package/${id}" (component ${declarations})))) (export "${id}" (type ${at++ * 2}))`;
  let at = 0;
  const others = `(type (component (type (instance (export "f" (func)))) (export "test:package/i" (instance (type 0)))))
    (export "i" (type ${at++ * 2}))`;
  const bytes = await assemble(
    `(component ${others} ${text('other', '')} ${text('wanted', words2)} ${text('last', '')})`,
  );
  const payload = (version: number, name: string, component = bytes): Uint8Array =>
    Uint8Array.from([version, 0, name.length, ...Buffer.from(name), ...component]);
  const link = (section: Uint8Array): Plan => {
    const whole = withSection(module, section);
    return linkCoreComponent(whole, readCoreModule(whole), host);
  };
  assert.deepEqual([...link(payload(3, 'wanted')).exports.keys()], ['twice', 'test:out/out']);
  assert.throws(() => link(payload(3, 'other')), { code: 'component-import-missing' });
  assert.throws(() => link(payload(3, 'absent')), { code: 'component-corrupt', message: /no world "absent"/ });
  assert.throws(() => link(payload(3, 'i')), { code: 'component-corrupt' });
  assert.throws(() => link(payload(2, 'wanted')), { code: 'component-unsupported' });
  assert.throws(() => link(payload(3, 'wanted', module)), { code: 'component-unsupported' });
  for (let length = 1; length < 200; length++) {
    assert.throws(() => link(payload(3, 'wanted').subarray(0, length)), MayflyError);
  }
});

test('a section of the first form: the package as one type, with its worlds one level deeper', async () => {
  const module = await assemble(`(module ${shout}${body})`);
  const worlds = (version: string): string =>
    `
    (type (instance (export "f" (func))))
    (export "test:package/i${version}" (instance (type 0)))
    (alias export 0 "t" (type))
    (export "t" (type (eq 1)))
    (type (component (import "test:package/i${version}" (instance (export "f" (func))))))
    (export "test:package/other${version}" (component (type 3)))
    (type (component ${words2}))
    (export "test:package/wanted${version}" (component (type 4)))
    (type (component))
    (export "test:package/last${version}" (component (type 5)))`.replace(
      '(export "f" (func))',
      '(type (list u8)) (export "t" (type (eq 0))) (export "f" (func))',
    );
  for (const version of ['', '@2.0.0']) {
    const bytes = await assemble(`(component (type (component ${worlds(version)})) (export "wit" (type 0)))`);
    const link = (name: string): Plan => {
      const section = Uint8Array.from([3, 0, name.length, ...Buffer.from(name), ...bytes]);
      const whole = withSection(module, section);
      return linkCoreComponent(whole, readCoreModule(whole), host);
    };
    assert.deepEqual([...link('wanted').exports.keys()], ['twice', 'test:out/out']);
    assert.throws(() => link('other'), { code: 'component-import-missing' });
    for (const name of ['absent', 'i', 'wit', 'test:package/wanted', 'wanted@2.0.0', '']) {
      assert.throws(() => link(name), { code: 'component-corrupt', message: /holds no world/ }, name);
    }
  }
  const twice = worlds('').replace('package/last', 'package2/wanted');
  const both = await assemble(`(component (type (component ${twice})) (export "wit" (type 0)))`);
  const ambiguous = withSection(module, Uint8Array.from([3, 0, 6, ...Buffer.from('wanted'), ...both]));
  assert.throws(() => linkCoreComponent(ambiguous, readCoreModule(ambiguous), host), { code: 'component-corrupt' });
});

test('two worlds of one module are one', async () => {
  const first = '(export "twice" (func (param "text" string) (result string)))';
  const second = words2.replace(first, '');
  const module = await assemble(`(module ${shout}${body})`);
  const bytes = withSection(withSection(module, await world(first)), await world(second), 'component-type');
  const plan = linkCoreComponent(bytes, readCoreModule(bytes), host);
  assert.deepEqual([...plan.exports.keys()].sort(), ['test:out/out', 'twice']);
});

test('a main function beside a world is the run of a command', async () => {
  const main = '(memory (export "memory") 1) (func (export "_start"))';
  const plan = await link(main, '(import "test:words/words" (instance))');
  assert.deepEqual([...plan.exports.keys()], ['wasi:cli/run@0.2.0']);
});

test('asynchronous functions are left to a componentizer', async () => {
  const declarations = '(export "later" (func async (result u32)))';
  const module = '(memory (export "memory") 1) (func (export "later") (result i32) (i32.const 1))';
  assert.match(await codeOf(module, declarations), /^component-unsupported.*"later".*jco new/);
});

test('what bindings generators write is understood', async () => {
  const text = await readFile(new URL('../../../sdk/c/world.wit', import.meta.url), 'utf8');
  const bytes = await unwrap(await guest('hello-c'), text);
  assert.ok(hasWorld(readCoreModule(bytes)));
});

test('each lifted function is found where its index says', async () => {
  const { lifted } = await link(shout + body, words2);
  assert.deepEqual(
    lifted.map(({ index, core }) => [index, core.kind === 'export' && core.name]),
    [
      [0, 'twice'],
      [1, 'test:out/out#answer'],
    ],
  );
});

test('the encoding of strings is what the section of the world says, behind whatever else it holds', async () => {
  const custom = (name: string, ...payload: number[]): number[] => [
    0,
    1 + name.length + payload.length,
    name.length,
    ...Buffer.from(name),
    ...payload,
  ];
  const module = await assemble(`(module ${shout}${body})`);
  for (const [sections, expected] of [
    [[], 'utf8'],
    [custom('producers', 4, 1), 'utf8'],
    [custom('wit-component-encoding', 4, 0), 'utf8'],
    [custom('wit-component-encoding', 4, 1), 'utf16'],
    [[...custom('other', 4, 2), ...custom('wit-component-encoding', 4, 2)], 'latin1+utf16'],
  ] as const) {
    const bytes = withSection(module, Uint8Array.from([...(await world(words2)), ...sections]));
    const { lifted } = linkCoreComponent(bytes, readCoreModule(bytes), host);
    assert.deepEqual(new Set(lifted.map(({ options }) => options.encoding)), new Set([expected]));
  }
});

test('as a part of a composition it imports what others export, resources included, and they import of it', async () => {
  const ownsThings = `(export "test:d/things" (instance (export "thing" (type $t (sub resource)))
    (export "make" (func (param "of" u32) (result (own $t))))
    (export "value" (func (param "self" (borrow $t)) (result u32)))
    (export "last" (func (result u32)))))`;
  const things = withSection(
    await assemble(`(module
      (import "[export]test:d/things" "[resource-new]thing" (func $new (param i32) (result i32)))
      (memory (export "memory") 1)
      (global $last (mut i32) (i32.const 0))
      (func (export "test:d/things#[dtor]thing") (param i32) (global.set $last (local.get 0)))
      (func (export "test:d/things#make") (param i32) (result i32) (call $new (local.get 0)))
      (func (export "test:d/things#value") (param i32) (result i32) (local.get 0))
      (func (export "test:d/things#last") (result i32) (global.get $last)))`),
    await world(ownsThings),
  );
  const user = withSection(
    await assemble(`(module
      (import "test:d/things" "make" (func $make (param i32) (result i32)))
      (import "test:d/things" "value" (func $value (param i32) (result i32)))
      (import "test:d/things" "last" (func $last (result i32)))
      (import "test:d/things" "[resource-drop]thing" (func $drop (param i32)))
      (memory (export "memory") 1)
      (func (export "run") (result i32) (local $handle i32)
        (local.set $handle (call $make (i32.const 20)))
        (call $value (local.get $handle))
        (call $drop (local.get $handle))
        (i32.add (i32.mul (call $last) (i32.const 100)))))`),
    await world(`${ownsThings.replace('export', 'import')} (export "run" (func (result u32)))`),
  );
  const part = (bytes: Uint8Array): Part => ({ kind: 'module', bytes, info: readCoreModule(bytes) });
  const composition = {
    dependencies: [{ name: 'test:d', export: undefined, configuration: 1 }],
    middleware: [],
  };
  const options = { host: new HostRegistry(), moduleImports: () => [] };
  const plan = linkComposition(part(user), [part(things)], composition, options);
  assert.equal(callExport(instantiatePlan(plan), 'run'), 20 + 2000);
  const wrong = withSection(
    await assemble(
      '(module (memory (export "memory") 1) (func (export "test:d/things#last") (result i64) (i64.const 1)))',
    ),
    await world('(export "test:d/things" (instance (export "last" (func (result u64)))))'),
  );
  assert.throws(() => linkComposition(part(user), [part(wrong)], composition, options), {
    code: 'component-import-missing',
  });
});
