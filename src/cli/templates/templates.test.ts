// Placeholders of templates are filled in, and every template gives an app whose manifest is right.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { lockApp } from '../../app/lock.ts';
import { findTemplate, listTemplates } from './catalogue.ts';
import { chooseName } from './choose.ts';
import { fillIn } from './placeholders.ts';
import { writeContent } from './write.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-templates-'));
after(() => rmSync(base, { recursive: true }));

describe('placeholders', () => {
  const values = { 'project-name': 'My "App"_2' };

  it('puts values in, filtered and escaped', () => {
    assert.equal(fillIn('a {{project-name}} b', values, false), 'a My "App"_2 b');
    assert.equal(fillIn('"{{ project-name }}"', values, true), '"My \\"App\\"_2"');
    assert.equal(fillIn('{{project-name | kebab_case}}', values, true), 'my-app-2');
    assert.equal(fillIn('{{project-name|snake_case}}', values, true), 'my_app_2');
    assert.equal(fillIn('{{project-name | pascal_case}}', values, true), 'MyApp2');
  });

  it('leaves other braces alone', () => {
    for (const text of ['{{ variable }}', '{{project-name | shout}}', '{{constructor}}', '{{}}']) {
      assert.equal(fillIn(text, values, false), text);
    }
  });
});

describe('templates', () => {
  for (const template of listTemplates()) {
    it(`${template.id} gives an app whose manifest is right, whatever its description`, async () => {
      const folder = join(base, template.id);
      const values = { 'project-name': 'My_App', 'project-description': 'Says "hi" \\ ok', 'http-path': '/...' };
      const written = writeContent(template, folder, { values, overwrite: false, componentOnly: false });
      assert.ok(written.includes('.gitignore'));
      const app = await lockApp(folder, { purpose: 'build' });
      assert.equal(app.name, 'my-app');
      assert.equal(app.description, values['project-description']);
      assert.ok(app.components[0]!.build!.watch.length > 0);
      for (const file of written) assert.doesNotMatch(readFileSync(join(folder, file), 'utf8'), /\{\{/, file);
    });

    it(`${template.id} gives a component that fits into a manifest`, async () => {
      const folder = join(base, `add-${template.id}`);
      const values = { 'project-name': 'other', 'project-description': 'x', 'http-path': '/other/...' };
      writeContent(template, join(folder, 'other'), { values, overwrite: false, componentOnly: true });
      const head = 'spin_manifest_version = 2\napplication.name = "x"\n';
      writeFileSync(join(folder, 'spin.toml'), head + fillIn(readFileSync(template.component, 'utf8'), values, true));
      const app = await lockApp(folder, { purpose: 'build' });
      assert.equal(app.components[0]!.build!.workdir, join(folder, 'other'));
    });
  }

  it('replaces no file unless told to, and then writes nothing', () => {
    const template = findTemplate('http-js');
    const options = { values: { 'project-name': 'a' }, overwrite: false, componentOnly: false };
    const folder = join(base, 'taken');
    writeContent(template, folder, options);
    const readme = join(folder, 'README.md');
    writeFileSync(readme, 'mine');
    assert.throws(() => writeContent(template, folder, options), { code: 'target-exists' });
    assert.equal(readFileSync(readme, 'utf8'), 'mine');
    writeContent(template, folder, { ...options, overwrite: true });
    assert.match(readFileSync(readme, 'utf8'), /^# a/);
  });

  it('has a suggestion for a template that there is not', () => {
    assert.throws(() => findTemplate('http-tsx'), { code: 'template-unknown', hint: /http-ts/ });
    assert.throws(() => findTemplate('../http-js'), { code: 'template-unknown' });
  });

  it('refuses names that lead elsewhere or are none', async () => {
    for (const name of ['', '.', '..', '../a', 'a/b', 'a b', '-a', '2a', 'é']) {
      await assert.rejects(chooseName(name, 'app'), { code: 'usage' }, name);
    }
    assert.equal(await chooseName('My_app-2', 'app'), 'My_app-2');
  });
});
