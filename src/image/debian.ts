// A base of a few packages of Debian: what Node needs of a system, and certificates. No shell, no package manager. The
// packages come by apt, from where this machine's packages come.
import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { MayflyError, messageOf } from '../errors.ts';
import { fileOf, readTar, type TarEntry } from '../registry/tar.ts';
import type { Platform } from './platform.ts';
import type { SoftwareComponent } from './sbom.ts';

const run = promisify(execFile);

const packages = ['libc6', 'libgcc-s1', 'libstdc++6', 'libatomic1', 'ca-certificates'];
/** What nothing reads without a shell or people. */
const left =
  /^usr\/(share\/(man|locale|doc\/(?!.*copyright$)|lintian|bug|info)|sbin|bin|lib\/[^/]+\/(gconv|audit))(\/|$)/;

export interface DebianBase {
  readonly entries: readonly TarEntry[];
  readonly software: readonly SoftwareComponent[];
}

/** Throws `image-build` where there is no apt, or a package cannot be fetched. */
export async function debianBase(folder: string, platform: Platform): Promise<DebianBase> {
  const files = await download(folder, platform);
  const entries = new Map<string, TarEntry>();
  const software: SoftwareComponent[] = [];
  for (const file of files) {
    const control = (await run('dpkg-deb', ['-f', file])).stdout;
    const { Package: name = '', Version: version = '' } = fieldsOf(control);
    software.push({
      name,
      version,
      purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${platform.architecture}`,
    });
    // Where scanners look for packages in images without a package manager.
    put(entries, textEntry(`var/lib/dpkg/status.d/${name}`, control));
    await unpack(file, entries);
  }
  put(entries, certificates(entries));
  for (const one of basics) put(entries, one);
  return { entries: [...entries.values()], software };
}

async function download(folder: string, { architecture }: Platform): Promise<string[]> {
  const at = (name: string): string => join(folder, 'apt', architecture, name);
  for (const name of ['lists/partial', 'cache/archives/partial', 'packages'])
    await mkdir(at(name), { recursive: true });
  // Lists of its own: those of the machine may be of another architecture, and only root may write them.
  const options = [
    `Dir::State::Lists=${at('lists')}`,
    `Dir::Cache=${at('cache')}`,
    'Dir::State::Status=/dev/null',
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
    'APT::Sandbox::User=',
  ].flatMap((option) => ['-o', option]);
  try {
    await run('apt-get', [...options, '-qq', 'update'], { cwd: at('packages') });
    await run('apt-get', [...options, '-qq', 'download', ...packages], { cwd: at('packages') });
  } catch (cause) {
    throw new MayflyError(
      'image-build',
      `The packages of Debian for the base cannot be fetched: ${lastLine(messageOf(cause))}`,
      {
        cause,
        hint: "Without apt, name another base: '--base <reference>', or '--base oci:<folder>'",
      },
    );
  }
  return (await readdir(at('packages'))).sort().map((name) => join(at('packages'), name));
}

/** The files of a package; the folders at the top are links into usr, as in Debian. */
async function unpack(file: string, entries: Map<string, TarEntry>): Promise<void> {
  const { stdout } = await run('dpkg-deb', ['--fsys-tarfile', file], { encoding: 'buffer', maxBuffer: 2 ** 30 });
  await readTar(Readable.from([stdout]), false, async ({ name, type, linkname, mode, body }) => {
    const path = name.replace(/^\.?\//, '').replace(/^(lib|lib64|bin|sbin)\//, 'usr/$1/');
    if (left.test(path)) return;
    if (type === 'symlink') put(entries, { path, target: linkname ?? '' });
    else if (type === 'link') {
      const found = entries.get((linkname ?? '').replace(/^\.?\//, ''));
      if (found) put(entries, { ...found, path });
    } else if (type === 'file') {
      const content = await buffer(body);
      put(entries, { path, content, size: content.length, mode: (mode ?? 0o644) & 0o755 });
    }
  });
}

function put(entries: Map<string, TarEntry>, entry: TarEntry): void {
  entries.set(entry.path, entry);
}

/** All certificates in one file, as `update-ca-certificates` puts them together. */
function certificates(entries: ReadonlyMap<string, TarEntry>): TarEntry {
  const all = [...entries.values()]
    .filter(({ path }) => path.startsWith('usr/share/ca-certificates/') && path.endsWith('.crt'))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((entry) => ('content' in entry && !('file' in entry.content) ? Buffer.from(entry.content).toString() : ''));
  return textEntry('etc/ssl/certs/ca-certificates.crt', all.map((text) => `${text.trimEnd()}\n`).join(''));
}

function textEntry(path: string, text: string): TarEntry {
  return fileOf(path, new Uint8Array(Buffer.from(text)));
}

const basics: readonly TarEntry[] = [
  { path: 'lib', target: 'usr/lib' },
  { path: 'lib64', target: 'usr/lib64' },
  textEntry(
    'etc/passwd',
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  ),
  textEntry('etc/group', 'root:x:0:\nnonroot:x:65532:\n'),
  textEntry('etc/nsswitch.conf', 'hosts: files dns\n'),
];

function fieldsOf(control: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...control.matchAll(/^([A-Za-z-]+): (.*)$/gm)].map(([, key, value]) => [key, value]));
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
