// A component gets its own variables, from the providers in their order, and errors in each interface's words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceHarness } from '../service.test-kit.ts';
import { valuesProvider } from './backends/values.ts';
import type { VariableProvider } from './provider.ts';
import { createResolver } from './resolver.ts';
import { createVariablesService } from './service.ts';

/** A declaration of the manifest: with a default, or required. */
const variable = (value?: string): string =>
  value === undefined ? '{ required = true }' : `{ default = ${JSON.stringify(value)} }`;
const slow = (values: Record<string, string>): VariableProvider => ({
  name: 'slow',
  get: (name) => new Promise((resolve) => setImmediate(() => resolve(values[name]))),
});
/** A component with `variables` in an app with `declared` ones; calls as a guest makes them. */
async function guest(
  variables: Record<string, string>,
  declared: Record<string, string>,
  ...providers: VariableProvider[]
) {
  const toml = [
    '[variables]',
    ...Object.entries(declared).map(([name, text]) => `${name} = ${text}`),
    '[component.guest]',
    'source = "guest.wasm"',
    '[component.guest.variables]',
    ...Object.entries(variables).map(([name, text]) => `${name} = ${JSON.stringify(text)}`),
  ].join('\n');
  const { call, problems } = await serviceHarness(createVariablesService({ providers: () => providers }), toml);
  return {
    problems,
    get: (name: string) => call('fermyon:spin/variables@2.0.0', 'get', name),
    get3: (name: string) => call('spin:variables/variables@3.0.0', 'get', name),
    getConfig: (name: string) => call('fermyon:spin/config', 'get-config', name),
    store: (name: string) => call('wasi:config/store@0.2.0-draft-2024-09-27', 'get', name),
    all: () => call('wasi:config/store@0.2.0-draft-2024-09-27', 'get-all'),
  };
}

const ok = (val: unknown) => ({ tag: 'ok', val });

test('a component sees its own variables, expanded, and not those of the app', async () => {
  const { get, get3, getConfig, store, all, problems } = await guest(
    { greeting: 'Hello {{ name }}, {{name}}!', fixed: 'as }} it is' },
    { name: variable('World') },
  );
  for (const read of [get, get3, getConfig, store]) assert.deepEqual(read('greeting'), ok('Hello World, World!'));
  assert.deepEqual(get('fixed'), ok('as }} it is'));
  for (const read of [get, get3]) {
    assert.deepEqual((read('name') as { val: unknown }).val, {
      tag: 'undefined',
      val: 'no variable for "guest"."name"',
    });
  }
  assert.deepEqual(
    all(),
    ok([
      ['greeting', 'Hello World, World!'],
      ['fixed', 'as }} it is'],
    ]),
  );
  assert.deepEqual(problems, []);
});

test('providers are asked in order, then comes the default; values are not expanded again', async () => {
  const { all } = await guest(
    { a: '{{ a }}', b: '{{ b }}', c: '{{ c }}' },
    { a: variable('default'), b: variable('default'), c: variable('default') },
    valuesProvider('command line', { a: '{{ b }}' }),
    valuesProvider('environment', { a: 'no', b: '' }),
  );
  assert.deepEqual(
    all(),
    ok([
      ['a', '{{ b }}'],
      ['b', ''],
      ['c', 'default'],
    ]),
  );
});

test('a slow provider is waited for, and asked only for what the ones before it lack', async () => {
  const { get, all } = await guest(
    { a: '{{ x }}-{{ y }}', b: 'plain' },
    { x: variable(), y: variable('default') },
    slow({ x: 'slow' }),
  );
  const later = get('a');
  assert.ok(later instanceof Promise);
  assert.deepEqual(await later, ok('slow-default'));
  assert.deepEqual(get('b'), ok('plain'));
  assert.deepEqual(
    await all(),
    ok([
      ['a', 'slow-default'],
      ['b', 'plain'],
    ]),
  );
});

test('slow providers are asked in order, too, each for what none before it has', async () => {
  const asked: string[] = [];
  const telling = (provider: VariableProvider, name: string): VariableProvider => ({
    name,
    get(key) {
      asked.push(name);
      return provider.get(key);
    },
  });
  const { get } = await guest(
    { a: '{{ x }}' },
    { x: variable('default') },
    telling(slow({}), 'first'),
    telling(valuesProvider('second', {}), 'second'),
    telling(slow({ x: 'third' }), 'third'),
    telling(slow({ x: 'fourth' }), 'fourth'),
  );
  asked.length = 0;
  assert.deepEqual(await get('a'), ok('third'));
  assert.deepEqual(asked, ['first', 'second', 'third']);
});

test('each interface tells errors in its own words', async () => {
  const { get, getConfig, store } = await guest({}, {});
  const tags = (name: string) =>
    [get(name), getConfig(name)].map((result) => (result as { val: { tag: string } }).val.tag);
  assert.deepEqual(tags('none'), ['undefined', 'provider']);
  for (const name of ['', 'Upper', 'a__b', 'a_', '1a', 'a-b', '__proto__']) {
    assert.deepEqual(tags(name), ['invalid-name', 'invalid-key'], name);
    assert.deepEqual(store(name), ok(undefined));
  }
  assert.deepEqual(store('none'), ok(undefined));
  assert.deepEqual(tags('constructor'), ['undefined', 'provider']);
});

test('a provider that fails is told to the guest, and at load to the user', async () => {
  const fail = (): never => {
    throw new Error('connection refused');
  };
  for (const failing of [fail, async () => fail()]) {
    let isDown = false;
    const provider: VariableProvider = { name: 'vault', get: () => (isDown ? failing() : 'there') };
    const load = () => guest({ a: '{{ x }}' }, { x: variable('default') }, provider);
    const { get, store, all } = await load();
    isDown = true;
    const message = 'Provider "vault" failed for "x": connection refused';
    assert.deepEqual(await get('a'), { tag: 'err', val: { tag: 'provider', val: message } });
    assert.deepEqual(await store('a'), { tag: 'err', val: { tag: 'upstream', val: message } });
    assert.deepEqual(await all(), { tag: 'err', val: { tag: 'upstream', val: message } });
    const { problems } = await load();
    assert.equal(problems[0]?.code, 'variable-missing');
  }
});

test('every required variable without a value is reported at load', async () => {
  const { problems } = await guest(
    { a: '{{ one }}', b: '{{ two }}', c: '{{ three }}' },
    { one: variable(), two: variable(), three: variable('3') },
  );
  assert.deepEqual(
    problems.map(({ code, message }) => [code, message]),
    [
      [
        'variable-missing',
        'Variable "a" of component "guest" has no value: No provider has the required variable "one"',
      ],
      [
        'variable-missing',
        'Variable "b" of component "guest" has no value: No provider has the required variable "two"',
      ],
    ],
  );
});

test('a template that names no variable of the app cannot be expanded', () => {
  const resolver = createResolver({}, []);
  assert.throws(() => resolver.expand('{{ toString }}'), { kind: 'undefined' });
  assert.equal(resolver.expand('{ { a } } {{'), '{ { a } } {{');
});
