// Archives that the tools of the system make are read; hostile and damaged ones are refused, and write nothing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { installFrom } from '../install.ts';
import { installedTemplates, removeTemplate } from '../store.ts';
import { readTar } from './tar.ts';
import { readZip } from './zip.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-sources-'));
after(() => rmSync(base, { recursive: true }));
process.env.MAYFLY_DATA_DIR = join(base, 'data');

const has = (tool: string): boolean => {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const without = (tool: string): { skip: string | false } => ({ skip: !has(tool) && `there is no ${tool}` });

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** A folder with two templates, one of which has a long name in it. */
function repository(): string {
  const folder = mkdtempSync(join(base, 'repository-'));
  for (const id of ['one', 'two']) {
    write(folder, `repo/templates/${id}/metadata/spin-template.toml`, `manifest_version = "1"\nid = "${id}"\n`);
    write(
      folder,
      `repo/templates/${id}/content/${'long-'.repeat(18)}/${'name-'.repeat(15)}.txt`,
      `{{ project-name }} ${id}`,
    );
  }
  write(folder, 'repo/src/other.txt', 'no template');
  return folder;
}

const ids = (): string[] =>
  installedTemplates()
    .map(({ template }) => template.id)
    .sort();
const clear = (): void => void ids().forEach(removeTemplate);

test('a folder is copied: what changes there afterwards changes nothing', async () => {
  clear();
  const folder = join(repository(), 'repo');
  const first = await installFrom({ dir: folder }, { update: false });
  assert.deepEqual(first.installed.map(({ id }) => id).sort(), ['one', 'two']);
  rmSync(join(folder, 'templates', 'two'), { recursive: true });
  write(
    folder,
    'templates/one/metadata/spin-template.toml',
    'manifest_version = "1"\nid = "one"\ndescription = "new"\n',
  );
  write(folder, 'templates/bad/metadata/spin-template.toml', 'id = "bad"\n');
  const second = await installFrom({ dir: folder }, { update: false });
  assert.deepEqual(second.skipped.map(({ id, isWrong }) => [id, isWrong]).sort(), [
    ['bad', true],
    ['one', false],
  ]);
  assert.deepEqual(ids(), ['one', 'two']);
  const third = await installFrom({ dir: folder }, { update: true });
  assert.deepEqual([third.installed[0]?.description, third.removed], ['new', ['two']]);
  assert.deepEqual(ids(), ['one']);
});

test('a template with a link in it is refused', async () => {
  clear();
  const folder = join(repository(), 'repo');
  symlinkSync('/etc/passwd', join(folder, 'templates', 'one', 'content', 'link'));
  symlinkSync('/etc', join(folder, 'templates', 'two', 'metadata', 'partials'));
  const { installed, skipped } = await installFrom({ dir: folder }, { update: false });
  assert.deepEqual(installed, []);
  for (const { reason } of skipped) assert.match(reason, /is refused: ".*" is a link/);
  assert.deepEqual(ids(), []);
});

for (const format of ['gnu', 'pax', 'ustar']) {
  test(`an archive of tar in the format ${format}`, without('tar'), async () => {
    clear();
    const folder = repository();
    const archive = join(folder, 'a.tar.gz');
    execFileSync('tar', [`--format=${format}`, '-czf', archive, 'repo'], { cwd: folder });
    const { installed } = await installFrom({ url: archive }, { update: false });
    assert.equal(installed.length, 2);
    const content = join(installed[0]?.folder ?? '', 'content');
    const [file] = readdirSync(content, { recursive: true }).filter((name) => String(name).endsWith('.txt'));
    assert.match(readFileSync(join(content, String(file)), 'utf8'), /^\{\{ project-name \}\} (one|two)$/);
  });
}

test('a ZIP archive, and one from a server', without('zip'), async (t) => {
  clear();
  const folder = repository();
  execFileSync('zip', ['-qr', 'a.zip', 'repo'], { cwd: folder });
  assert.equal((await installFrom({ url: join(folder, 'a.zip') }, { update: false })).installed.length, 2);
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/a.zip' ? 200 : 404;
    response.end(readFileSync(join(folder, 'a.zip')));
  });
  t.after(() => server.close());
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  assert.equal((await installFrom({ url: `${origin}/a.zip` }, { update: true })).installed.length, 2);
  const failing = installFrom({ url: `${origin}/b.zip` }, { update: true });
  await assert.rejects(failing, { code: 'template-source', message: /the server answered 404/ });
});

test('a git repository, at the tag for this version, and without its links', without('git'), async () => {
  clear();
  const folder = join(repository(), 'repo');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@x', '-c', 'tag.gpgsign=false', ...args], {
      cwd: folder,
      stdio: 'pipe',
    });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  git('tag', 'spin/templates/v3.0');
  write(folder, 'templates/three/metadata/spin-template.toml', 'manifest_version = "1"\nid = "three"\n');
  symlinkSync('/etc/passwd', join(folder, 'templates', 'three', 'content'));
  git('add', '.');
  git('commit', '--quiet', '-m', 'two');
  git('tag', 'spin/templates/v99.0');
  const url = `file://${folder}`;
  assert.equal((await installFrom({ git: url }, { update: false })).installed.length, 2);
  const head = await installFrom({ git: url }, { branch: 'spin/templates/v99.0', update: true });
  assert.equal(head.installed.length, 3);
  assert.ok(!existsSync(join(head.installed[2]?.folder ?? '', 'content', 'x')));
  for (const bad of ['--upload-pack=touch /tmp/x', 'ext::sh -c true', `${url}/none`]) {
    await assert.rejects(installFrom({ git: bad }, { update: true }), { code: 'template-source' }, bad);
  }
});

/** A header of ustar. */
function tarEntry(name: string, type = '0', body = '', link = ''): Uint8Array {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(link, 157);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padded = Buffer.alloc(Math.ceil(body.length / 512) * 512);
  padded.write(body);
  return Buffer.concat([header, padded]);
}

test('hostile archives of tar are refused', async () => {
  clear();
  const good = tarEntry('templates/a/metadata/spin-template.toml', '0', 'manifest_version = "1"\nid = "a"\n');
  assert.equal(readTar(good).length, 1);
  assert.deepEqual(readTar(tarEntry('src/link', '2', '', '/etc/passwd')), [], 'a link that is no part of a template');
  const hostile: Record<string, Uint8Array> = {
    'a path that leads up': tarEntry('templates/../../x'),
    'an absolute path': tarEntry('/templates/x'),
    'a path of Windows': tarEntry('templates\\..\\x'),
    'a link': tarEntry('templates/a/content/x', '2', '', '/etc/passwd'),
    'a hard link': tarEntry('templates/a/content/x', '1', '', '/etc/passwd'),
    'a device': tarEntry('templates/a/content/x', '3'),
    'a long path that leads up': Buffer.concat([tarEntry('x', 'L', '../x\0'), tarEntry('templates/x')]),
    'a pax path that leads up': Buffer.concat([tarEntry('x', 'x', '16 path=../../x\n'), tarEntry('templates/x')]),
    'an end too early': good.subarray(0, 530),
    'a wrong sum': Buffer.concat([Buffer.from('x'), good.subarray(1)]),
  };
  for (const [what, bytes] of Object.entries(hostile)) {
    assert.throws(() => readTar(bytes), { code: 'template-source' }, what);
    const file = join(base, 'hostile.tar.gz');
    writeFileSync(file, gzipSync(Buffer.concat([good, bytes])));
    await assert.rejects(installFrom({ url: file }, { update: true }), { code: 'template-source' }, what);
  }
  const twice = join(base, 'twice.tar.gz');
  writeFileSync(twice, gzipSync(Buffer.concat([tarEntry('templates/a', '0', 'file'), good])));
  await assert.rejects(installFrom({ url: twice }, { update: true }), { code: 'template-source' });
  assert.deepEqual(ids(), []);
});

test('hostile ZIP archives are refused', without('zip'), () => {
  const folder = mkdtempSync(join(base, 'zip-'));
  write(folder, 'templates/a/content/x.txt', 'text '.repeat(100));
  symlinkSync('/etc/passwd', join(folder, 'templates/a/content/link'));
  execFileSync('zip', ['-q', 'good.zip', 'templates/a/content/x.txt'], { cwd: folder });
  execFileSync('zip', ['-qy', 'link.zip', 'templates/a/content/link'], { cwd: folder });
  const good = readFileSync(join(folder, 'good.zip'));
  assert.equal(readZip(good).length, 1);
  assert.throws(() => readZip(readFileSync(join(folder, 'link.zip'))), { code: 'template-source', message: /a link/ });
  const renamed = Buffer.from(good.toString('latin1').replaceAll('a/content', '../conten'), 'latin1');
  assert.throws(() => readZip(renamed), { code: 'template-source' });
  for (let at = 0; at < good.length; at += 7) {
    const damaged = Buffer.from(good);
    damaged[at] = damaged[at]! ^ 0x41;
    try {
      readZip(damaged);
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'template-source', `a change at ${at}`);
    }
  }
  for (const bytes of [Buffer.alloc(0), Buffer.from('PK'), good.subarray(0, good.length - 30)]) {
    assert.throws(() => readZip(bytes), { code: 'template-source' });
  }
});
