// import() in programs: of names that are known when the program is bundled, and of others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../src/index.ts';
import type { Logger } from '../../src/telemetry/log.ts';

const modules = {
  'main.ts': `import { near } from './lib/near.ts';
export const named = (name: string) => import(\`./lib/\${name}\`).then((m: { word: string }) => m.word);
export const constant = () => import('./lib/far.ts').then((m) => m.word);
export const through = (name: string) => near(name);
export async function broken(name: string) {
  await import(name.length > 0 ? './lib/' + name : './main.ts');
  throw new Error('after the import');
}`,
  'lib/near.ts': 'export const near = (name: string) => import(name).then((m: { word: string }) => m.word);',
  'lib/far.ts': "export const word: string = 'far';",
  'lib/never.js': "export const word = 'only by a name at run time';",
};

test('import() finds the modules of the bundle', async (t) => {
  const app = await load({ modules });
  t.after(() => app.close());
  assert.equal(await app.call('constant'), 'far');
  assert.equal(await app.call('named', 'far.ts'), 'far');
  assert.equal(await app.call('named', 'far'), 'far');
  assert.equal(await app.call('named', 'never.js'), 'only by a name at run time');
  assert.equal(await app.call('through', './far.ts'), 'far');
  assert.equal(await app.call('through', '../lib/never.js'), 'only by a name at run time');
});

test('import() of anything else says what it finds', async (t) => {
  const app = await load({ modules });
  t.after(() => app.close());
  for (const name of ['gone.ts', '../../etc/passwd', 'far.ts/x']) {
    await assert.rejects(app.call('named', name), {
      name: 'TypeError',
      message: /at run time finds the modules of the bundle, main.ts, lib\/near.ts/,
    });
  }
  await assert.rejects(app.call('through', 'lodash'), /import\("lodash"\) at run time finds/);
});

test('lines stay those of the source', async (t) => {
  const lines: string[] = [];
  const put = (_fields: unknown, text?: unknown): void => void lines.push(String(text));
  const log = { debug: () => undefined, info: put, warn: put, error: put, child: () => log };
  const main = `${modules['main.ts']}\nexport default { fetch: () => broken('far.ts') };`;
  const app = await load({ modules: { ...modules, 'main.ts': main } }, { log: log as unknown as Logger });
  t.after(() => app.close());
  assert.equal((await app.fetch(new Request('http://app/'))).status, 500);
  assert.match(lines.join('\n'), /after the import[\s\S]*main\.ts:7/);
});
