// What of Mayfly goes into an image: Node, and the files of the package, of which some are made first in a checkout.
import { execFile } from 'node:child_process';
import {
  cpSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { MayflyError, messageOf } from '../../errors.ts';
import { home, isPacked } from '../../home.ts';
import type { Platform } from '../../image/platform.ts';
import { readTar, type TarFile } from '../../registry/tar.ts';

const run = promisify(execFile);

/**
 * Puts the files of Mayfly into a folder, with the engines of programs, all with one time in seconds since 1970: what is
 * prepared depends on it.
 */
export async function stageMayfly(folder: string, engines: readonly string[], seconds: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const engine of engines) cpSync(engine, join(folder, 'sdk', 'engines', basename(engine)));
  for (const name of ['bin', 'dashboard', 'package.json'])
    cpSync(join(home, name), join(folder, name), { recursive: true });
  if (isPacked) cpSync(join(home, 'dist'), join(folder, 'dist'), { recursive: true });
  else await run(process.execPath, [join(home, 'scripts', 'pack.ts'), join(folder, 'dist')], { cwd: home });
  for (const path of [...filesBelow(folder)]) utimesSync(path, seconds, seconds);
}

/** The files below a folder as entries of a layer, below `at`. */
export function entriesBelow(folder: string, at: string, owner = 0): TarFile[] {
  return filesBelow(folder).map((path) => {
    const { size, mode } = statSync(path);
    const isOpen = owner === 0;
    const permissions = isOpen ? ((mode & 0o111) !== 0 ? 0o755 : 0o644) : 0o600;
    return { path: `${at}/${relative(folder, path)}`, size, mode: permissions, owner, content: { file: path } };
  });
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The program of Node for a platform: the one that runs here, or that of npm's package for the other. */
export async function nodeProgram(folder: string, { os, cpu }: Platform): Promise<string> {
  if (process.platform === os && process.arch === cpu) return process.execPath;
  const name = `node-${os}-${cpu}`;
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  const wanted = `${name}@${process.version.slice(1)}`;
  try {
    const { stdout } = await run('npm', ['pack', wanted, '--silent', '--pack-destination', place], { cwd: place });
    const program = join(place, 'node');
    await readTar(createReadStream(join(place, stdout.trim())), true, async ({ name, body }) => {
      if (name === 'package/bin/node') await pipeline(body, createWriteStream(program, { mode: 0o755 }));
    });
    statSync(program);
    return program;
  } catch (cause) {
    throw new MayflyError(
      'image-build',
      `Node for ${os}/${cpu} cannot be had as ${wanted} of npm: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
}

export function versionOfMayfly(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
