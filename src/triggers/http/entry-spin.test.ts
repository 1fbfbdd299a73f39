// Components that export Spin's interface of 2023: found in each of its versions, after the handlers of WASI.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiftedFunction, Plan, PlannedExport } from '../../component/canon/plan.ts';
import { parseFuncType } from '../../component/types/parse.ts';
import type { FuncType } from '../../component/types/val-type.ts';
import type { Artifact } from '../../sandbox/artifact.ts';
import { findHttpEntry } from './entry.ts';

const pairs = 'list<tuple<string, string>>';
const handleRequest = `func(record{method: enum{get, post, put, delete, patch, head, options}, uri: string, headers: ${pairs}, params: ${pairs}, body: option<list<u8>>}) -> record{status: u16, headers: option<${pairs}>, body: option<list<u8>>}`;

function artifactOf(exports: Record<string, string | FuncType>, isCommand = false): Artifact {
  const all = Object.entries(exports).map(([name, type], index): [string, PlannedExport] => {
    const [interfaceName = '', key = ''] = name.split('#');
    const funcType = typeof type === 'string' ? parseFuncType(type) : type;
    const core = { kind: 'export', name: 'f' };
    const func = { index, type: funcType, core } as unknown as LiftedFunction;
    return [interfaceName, { kind: 'instance', exports: new Map([[key, { kind: 'func', func }]]) }];
  });
  return { plan: { exports: new Map(all) } as unknown as Plan, isCommand } as Artifact;
}

const own = (name: string) => {
  const resource = { name: `wasi:http/types/${name}`, host: { name } };
  return { name, type: { kind: 'own', resource } } as const;
};
const incomingHandler: FuncType = {
  async: false,
  params: [own('incoming-request'), own('response-outparam')],
  result: undefined,
};
const spin = 'fermyon:spin/inbound-http';

test('handle-request of Spin is found with and without a version', () => {
  for (const name of [spin, `${spin}@2.0.0`, `${spin}@2.1.3`]) {
    assert.equal(
      findHttpEntry(artifactOf({ [`${name}#handle-request`]: handleRequest }), false).kind,
      'inbound-http',
      name,
    );
  }
  for (const name of [`${spin}@3.0.0#handle-request`, 'fermyon:spin/inbound-redis#handle-message']) {
    assert.throws(
      () => findHttpEntry(artifactOf({ [name]: handleRequest }), false),
      { code: 'guest-no-handler' },
      name,
    );
  }
});

test('a function of that name and another type is refused, with the reason', () => {
  for (const type of [
    'func()',
    handleRequest.replace('u16', 'u32'),
    handleRequest.replace('patch', 'trace'),
    `async ${handleRequest}`,
  ]) {
    const artifact = artifactOf({ [`${spin}#handle-request`]: type });
    assert.throws(() => findHttpEntry(artifact, false), { code: 'guest-handler-type' }, type);
  }
});

test('a handler of WASI goes before one of Spin, and a command comes last, unless the manifest wants it', () => {
  const all = {
    'wasi:cli/run@0.2.0#run': 'func() -> result',
    [`${spin}#handle-request`]: handleRequest,
    'wasi:http/incoming-handler@0.2.0-rc-2023-10-18#handle': incomingHandler,
  };
  assert.equal(findHttpEntry(artifactOf(all), false).func.index, 2);
  assert.deepEqual(findHttpEntry(artifactOf(all), true).command, { reusableAfterExit: false });
  const { 'wasi:cli/run@0.2.0#run': run, [`${spin}#handle-request`]: handle } = all;
  assert.equal(
    findHttpEntry(
      artifactOf({ 'wasi:cli/run@0.2.0#run': run as string, [`${spin}#handle-request`]: handle as string }),
      false,
    ).kind,
    'inbound-http',
  );
  assert.throws(() => findHttpEntry(artifactOf({ [`${spin}#handle-request`]: handleRequest }), true), {
    code: 'guest-no-handler',
  });
});
