// Installs the dependencies when they are missing or older than the lock file. Runs on Node 20, without dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lock = join(root, 'package-lock.json');
const stamp = join(root, 'node_modules', '.mayfly-installed');
const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const wanted = existsSync(lock) ? readFileSync(lock, 'utf8') : readFileSync(join(root, 'package.json'), 'utf8');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted || !existsSync(node)) {
  console.error('Installing the dependencies, once. This takes about a minute.');
  // Not `npm ci`: it wants optional packages of all platforms in the lock file, and some registries hold them back.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], root);
  // npm may hold back install scripts; the package `node` needs its own to fetch the binary of this platform.
  if (!existsSync(node)) run(process.execPath, ['installArchSpecificPackage.js'], join(root, 'node_modules', 'node'));
  writeFileSync(stamp, wanted);
}

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  });
  if (error || status !== 0) {
    console.error(
      `Cannot install the dependencies: '${command} ${args.join(' ')}' ended with ${error?.message ?? status}`,
    );
    process.exit(1);
  }
}
