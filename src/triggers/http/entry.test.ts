// What a component exports to answer requests is held against the interface at load: each version, each way to be wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { service } from '../../../test/support/service-0.3.ts';
import { assemble } from '../../../test/support/wat.ts';
import { HostRegistry } from '../../component/link/host-registry.ts';
import type { MayflyError } from '../../errors.ts';
import { createWasiService } from '../../host/wasi/service.ts';
import { prepareArtifact } from '../../sandbox/artifact.ts';
import { findHttpEntry, type HttpEntry } from './entry.ts';

const wasi = createWasiService();
const host = new HostRegistry(wasi.interfaces, wasi.coreModules ?? []);
const options = { host, maximumPages: 100, maximumTableElements: 10, interruptible: false };

async function entryOf(bytes: Uint8Array, asCommand = false): Promise<HttpEntry> {
  return findHttpEntry(await prepareArtifact(bytes, options), asCommand);
}

/** `definitions` make the function $f, which is exported as `name` of the interface. */
async function exporting(
  interfaceName: string,
  name: string,
  definitions: string,
  asCommand = false,
): Promise<HttpEntry> {
  const text = `(component ${definitions} (instance $i (export "${name}" (func $f))) (export "${interfaceName}" (instance $i)))`;
  return entryOf(await assemble(text), asCommand);
}

/** A core function of these core types, lifted with this component type. */
const lifted = (core: string, type: string, options = ''): string => `
  (core module $m (memory (export "memory") 1) (func (export "f") ${core} (unreachable))
    (func (export "callback") (param i32 i32 i32) (result i32) (unreachable)))
  (core instance $m (instantiate $m))
  (func $f ${type} (canon lift (core func $m "f") ${options}))`;
const ASYNC = 'async (callback (core func $m "callback"))';

async function refusedWith(entry: Promise<HttpEntry>, ...reasons: readonly RegExp[]): Promise<void> {
  await assert.rejects(entry, (error: MayflyError) => {
    assert.equal(error.code, 'guest-handler-type', error.message);
    for (const reason of reasons) assert.match(`${error.message}. ${error.hint}`, reason);
    return true;
  });
}

const resources = (version: string, ...names: readonly string[]): string => `
  (import "wasi:http/types@${version}" (instance $types ${names.map((name) => `(export "${name}" (type (sub resource)))`).join(' ')}))
  ${names.map((name, at) => `(alias export $types "${name}" (type $t${at}))`).join(' ')}`;
const own = `(type $t' (resource (rep i32))) (export $own "own-request" (type $t'))`;

for (const version of ['0.2.0', '0.2.12', '0.2.0-rc-2023-11-10', '0.2.0-rc-2023-10-18']) {
  const name = `wasi:http/incoming-handler@${version}`;
  const imported = resources(version, 'incoming-request', 'response-outparam');

  test(`${name}: a handler of its type is found`, async () => {
    const right = '(param "request" (own $t0)) (param "response-out" (own $t1))';
    const { func, command, kind } = await exporting(name, 'handle', imported + lifted('(param i32 i32)', right));
    assert.deepEqual([func.index, command, kind], [0, undefined, 'incoming-handler']);
  });

  const wrong: Readonly<Record<string, string>> = {
    'a resource of its own':
      own + lifted('(param i32 i32)', '(param "request" (own $own)) (param "response-out" (own $t1))'),
    'only one parameter': lifted('(param i32)', '(param "request" (own $t0))'),
    'no parameters': lifted('', ''),
    'the parameters in the other order': lifted('(param i32 i32)', '(param "a" (own $t1)) (param "b" (own $t0))'),
    'a borrowed request': lifted('(param i32 i32)', '(param "a" (borrow $t0)) (param "b" (own $t1))'),
    'a number for the request': lifted('(param i32 i32)', '(param "a" u32) (param "b" (own $t1))'),
    'a parameter too many': lifted(
      '(param i32 i32 i32)',
      '(param "a" (own $t0)) (param "b" (own $t1)) (param "c" u32)',
    ),
    'a result': lifted('(param i32 i32) (result i32)', '(param "a" (own $t0)) (param "b" (own $t1)) (result u32)'),
    'an async type': lifted('(param i32 i32)', 'async (param "a" (own $t0)) (param "b" (own $t1))'),
  };
  for (const [what, definitions] of Object.entries(wrong)) {
    test(`${name}: a handler with ${what} is refused at load`, async () => {
      const reasons = [new RegExp(`"${name} handle" as (async )?func`), /The interface has func\(own<wasi:http/];
      await refusedWith(exporting(name, 'handle', imported + definitions), ...reasons);
    });
  }

  test(`${name}: resources of the component itself are named as such`, async () => {
    await refusedWith(
      exporting(name, 'handle', imported + wrong['a resource of its own']),
      /own<guest /,
      /defines itself/,
    );
  });

  test(`${name}: a handler that is missing, or is none of its own functions, is refused`, async () => {
    await refusedWith(exporting(name, 'handel', lifted('', '')), /exports no "wasi:http.* handle"/);
    const notFunction = `(component (type $t' u8) (instance $i (export "handle" (type $t'))) (export "${name}" (instance $i)))`;
    await refusedWith(entryOf(await assemble(notFunction)), /no function of its own/);
    const passedOn = `(import "wasi:cli/exit@0.2.0" (instance $exit (export "exit" (func (param "status" (result))))))
      (alias export $exit "exit" (func $f))`;
    await refusedWith(exporting(name, 'handle', passedOn), /no function of its own/);
  });
}

for (const version of ['0.3.0', '0.3.0-rc-2026-03-15']) {
  const name = `wasi:http/handler@${version}`;
  const imported = resources(version, 'request', 'response');
  const error = `(type $e' (variant (case "other"))) (export $e "error" (type $e'))`;
  const wrong: Readonly<Record<string, string>> = {
    'a resource of its own': own + lifted('(param i32) (result i32)', 'async (param "request" (own $own))', ASYNC),
    'no result': lifted('(param i32) (result i32)', 'async (param "request" (own $t0))', ASYNC),
    'another error': `${error} ${lifted('(param i32) (result i32)', 'async (param "request" (own $t0)) (result (result (own $t1) (error $e)))', ASYNC)}`,
    'the response alone': lifted(
      '(param i32) (result i32)',
      'async (param "request" (own $t0)) (result (own $t1))',
      ASYNC,
    ),
    'a type that is not async': lifted('(param i32) (result i32)', '(param "request" (own $t0)) (result (own $t1))'),
  };
  for (const [what, definitions] of Object.entries(wrong)) {
    test(`${name}: a handler with ${what} is refused at load`, async () => {
      await refusedWith(
        exporting(name, 'handle', imported + definitions),
        /The interface has async func\(own<wasi:http/,
      );
    });
  }
}

test('wasi:http/handler@0.3.0: a handler of its type is found', async () => {
  const bytes = await service('callback', ['taskReturn'], '(unreachable)');
  assert.equal((await entryOf(bytes)).kind, 'handler');
});

test('a handler with the resources of another version is refused', async () => {
  const mixed = `${resources('0.3.0', 'request', 'response')}
    ${lifted('(param i32 i32)', '(param "request" (own $t0)) (param "response-out" (own $t1))')}`;
  await refusedWith(exporting('wasi:http/incoming-handler@0.2.0', 'handle', mixed), /own<wasi:http\/types\/request>/);
});

test('run of wasi:cli has its type, too', async () => {
  const right = await exporting('wasi:cli/run@0.2.3', 'run', lifted('(result i32)', '(result (result))'));
  assert.deepEqual(right.command, { reusableAfterExit: false });
  const async = await exporting('wasi:cli/run@0.3.0', 'run', lifted('(result i32)', 'async (result (result))', ASYNC));
  assert.ok(async.command);
  for (const [core, type] of [
    ['', ''],
    ['(result i32)', '(result u32)'],
    ['(result i32)', '(result bool)'],
    ['(param i32) (result i32)', '(param "x" u32) (result (result))'],
    ['(result i32)', 'async (result (result))'],
  ] as const) {
    await refusedWith(
      exporting('wasi:cli/run@0.2.0', 'run', lifted(core, type)),
      /The interface has func\(\) -> result/,
    );
  }
  await refusedWith(exporting('wasi:cli/run@0.3.0', 'run', lifted('(result i32)', '(result (result))')), /async func/);
  await refusedWith(exporting('wasi:cli/run@0.2.0', 'start', lifted('', '')), /exports no "wasi:cli\/run@0.2.0 run"/);
});

test('a core module that is a command needs no result', async () => {
  const bytes = await assemble('(module (memory (export "memory") 1) (func (export "_start")))');
  assert.deepEqual((await entryOf(bytes)).command, { reusableAfterExit: true });
});

test('what exports neither says so', async () => {
  await assert.rejects(exporting('test:a/b', 'f', lifted('', '')), { code: 'guest-no-handler' });
  await assert.rejects(exporting('test:a/b', 'f', lifted('', ''), true), { code: 'guest-no-handler' });
});
