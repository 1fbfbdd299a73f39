// Gets the folder in which templates are: one of this machine, one that an archive is unpacked to, or a clone of git.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MayflyError, messageOf } from '../../../errors.ts';
import type { Origin } from '../store.ts';
import { hostile, MOST_BYTES } from './archive-entry.ts';
import { readTar } from './tar.ts';
import { readZip } from './zip.ts';

export interface Source {
  readonly folder: string;
  /** Removes what was made for it. */
  remove(): void;
}

/** The most bytes of an archive that is downloaded, and the milliseconds that this may take. */
const MOST_PACKED = 64 * 2 ** 20;
const DOWNLOAD_MS = 60_000;

/** The tags `spin/templates/v<version>` of a git repository are for versions of Spin: this is the one that Mayfly is like. */
const SPIN_VERSION = [4, 1] as const;

/** Gets a source. Rejects with `template-source`. */
export async function getSource(origin: Origin, branch?: string): Promise<Source> {
  if ('dir' in origin) {
    if (!existsSync(origin.dir)) throw missing(`There is no folder "${origin.dir}"`);
    return { folder: origin.dir, remove: () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-templates-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    if ('git' in origin) clone(origin.git, folder, branch);
    else unpack(await readArchive(origin.url), folder);
    return { folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The URL of a repository: that of GitHub for `owner/name`, as in Spin; a path stays one. */
export function gitUrl(text: string): string {
  if (/^[\w.-]+\/[\w.-]+$/.test(text) && !existsSync(text)) return `https://github.com/${text}`;
  return existsSync(text) ? resolve(text) : text;
}

/** Nothing in a repository is run: no hooks, no helpers, no other transports than those that fetch. */
const gitOptions = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.symlinks=false', '-c', 'protocol.ext.allow=never'];
const gitEnvironment = { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_LFS_SKIP_SMUDGE: '1' };

function clone(url: string, folder: string, given: string | undefined): void {
  if (url.startsWith('-')) throw missing(`"${url}" is no URL of a git repository`);
  const branch = given ?? fittingTag(url);
  const named = branch === undefined ? [] : [`--branch=${branch}`];
  const args = [...gitOptions, 'clone', '--quiet', '--depth=1', ...named, '--', url, folder];
  const { error, status, stderr } = spawnSync('git', args, { encoding: 'utf8', env: gitEnvironment });
  if (error) throw missing(`git cannot be run: ${error.message}`);
  if (status !== 0) throw missing(`git cannot clone "${url}": ${stderr.trim().split('\n').at(-1)}`);
}

/** The newest tag `spin/templates/v<major>.<minor>` that is for no later version than ours. */
function fittingTag(url: string): string | undefined {
  const args = [...gitOptions, 'ls-remote', '--tags', '--', url, 'spin/templates/v*'];
  const { stdout = '', status } = spawnSync('git', args, { encoding: 'utf8', env: gitEnvironment });
  if (status !== 0) return undefined;
  const versions = [...stdout.matchAll(/refs\/tags\/spin\/templates\/v(\d+)\.(\d+)$/gm)]
    .map(([, major, minor]) => [Number(major), Number(minor)] as const)
    .filter(([major, minor]) => major < SPIN_VERSION[0] || (major === SPIN_VERSION[0] && minor <= SPIN_VERSION[1]))
    .sort((a, b) => b[0] - a[0] || b[1] - a[1]);
  const [newest] = versions;
  return newest && `spin/templates/v${newest.join('.')}`;
}

async function readArchive(place: string): Promise<Uint8Array> {
  if (!/^https?:\/\//.test(place)) {
    try {
      return readFileSync(place.startsWith('file://') ? new URL(place) : place);
    } catch (cause) {
      throw missing(`The archive "${place}" cannot be read: ${messageOf(cause)}`, cause);
    }
  }
  try {
    const response = await fetch(place, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > MOST_PACKED) throw hostile('it is larger than 64 MiB');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (cause) {
    if (cause instanceof MayflyError) throw cause;
    throw missing(`The archive "${place}" cannot be downloaded: ${messageOf(cause)}`, cause);
  }
}

function unpack(bytes: Uint8Array, folder: string): void {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  for (const file of isZip ? readZip(bytes) : readTar(gunzip(bytes))) {
    const target = join(folder, file.path);
    try {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, file.bytes, { flag: 'wx' });
    } catch (cause) {
      throw hostile(`"${file.path}" cannot be unpacked: ${messageOf(cause)}`);
    }
  }
}

function gunzip(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw hostile('it is neither .tar.gz nor .zip');
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch (cause) {
    const isLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw hostile(isLarge ? 'it is too large' : 'it is damaged');
  }
}

function missing(message: string, cause?: unknown): MayflyError {
  return new MayflyError('template-source', message, { cause });
}
