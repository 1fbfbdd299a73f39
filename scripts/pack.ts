// node scripts/pack.ts [folder]
// Puts the sources and the packages that they use together as the files of `dist`, or of another folder. They are what people
// install: a start reads a dozen files instead of 600, and little but the bundler and Node has to be installed beside them.
// Packages that package.json has as `dependencies` stay outside: Node, what is native, and what finds its files at run time.
// `dist/LICENCES.txt` has the licences of those inside.
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { type OutputChunk, rolldown } from 'rolldown';
import { entries } from './entries.ts';

const root = join(import.meta.dirname, '..');
const dist = process.argv[2] ?? join(root, 'dist');

/** Asked for by packages that work without them. */
const optional = ['pg-native', 'cardinal'];

await pack();

async function pack(): Promise<void> {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const outside = [...Object.keys(dependencies), ...optional];
  const bundle = await rolldown({
    cwd: root,
    input: Object.fromEntries(entries.map((path) => [basename(path), join(root, 'src', `${path}.ts`)])),
    platform: 'node',
    external: (id) => id.startsWith('node:') || outside.some((name) => id === name || id.startsWith(`${name}/`)),
    onLog(level, log) {
      // What is missing in the package would be missed only by whoever installs it.
      if (level === 'warn' && log.code !== 'EVAL') throw new Error(log.message);
    },
  });
  rmSync(dist, { recursive: true, force: true });
  const { output } = await bundle.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
    // Names stay as they are: they stand in the stacks that people send.
    minify: false,
    comments: false,
  });
  await bundle.close();
  const chunks = output.filter((one): one is OutputChunk => one.type === 'chunk');
  for (const { fileName, code } of chunks) {
    const [found] = /__require\((?!")[^)]*\)/.exec(code.replace(/^var __require = .*$/m, '')) ?? [];
    if (found) throw new Error(`${fileName}: ${found} names a file at run time: its package has to stay outside`);
  }
  const packages = new Set(chunks.flatMap(({ moduleIds }) => moduleIds.flatMap(packageOf)));
  const licences = [...packages].sort().map(licenceOf);
  writeFileSync(join(dist, 'LICENCES.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));
  const bytes = chunks.reduce((sum, { code }) => sum + code.length, 0);
  console.error(`dist: ${chunks.length} files, ${(bytes / 1e6).toFixed(1)} MB, with ${packages.size} packages inside`);
}

/** The folder of the package that a module is of; none for our own. */
function packageOf(module: string): string[] {
  const [, folder] = new RegExp(`^(.*\\${sep}node_modules\\${sep}(?:@[^/\\\\]+[/\\\\])?[^/\\\\]+)`).exec(module) ?? [];
  return folder === undefined ? [] : [folder];
}

function licenceOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  const [file] = globSync('{licen[cs]e,LICEN[CS]E,License,Licence}*', { cwd: folder });
  const text = file === undefined ? `${manifest.license}` : readFileSync(join(folder, file), 'utf8').trim();
  return `${manifest.name}@${manifest.version}\n\n${text}\n`;
}
