// Runs an OCI image layout as a container, as an ordinary runtime would: umoci unpacks it, crun runs it, as the user of the
// image, with a root that nobody can write.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** Why no container can run here; false when one can. For `skip` of a test. */
export function containersMissing(): string | false {
  for (const program of ['umoci', 'crun']) {
    if (spawnSync(program, ['--version']).error) return `${program} is not installed (apt-get install ${program})`;
  }
  if (spawnSync('unshare', ['-m', 'true']).status !== 0)
    return 'containers need a machine that lets root unshare mounts';
  return false;
}

export interface Container {
  readonly process: ChildProcess;
  /** The id of its first process on this machine. */
  pid(): number;
  /** All that it printed; resolves when it has ended. */
  readonly output: Promise<string>;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>;
}

interface Bundle {
  process: { terminal: boolean; args: string[]; env: string[]; capabilities: Record<string, string[]>; rlimits: [] };
  root: { readonly: boolean };
  mounts: { destination: string; type?: string; source?: string; options?: string[] }[];
  linux: { namespaces: { type: string }[]; resources?: object };
}

export interface ContainerOptions {
  /** The arguments in the place of the image's own. */
  readonly args?: readonly string[];
  /** The whole command line, in the place of the image's entrypoint and arguments. */
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Files that are mounted, by their paths in the container. */
  readonly files?: Readonly<Record<string, string>>;
}

let count = 0;

/** Starts the image `name` of a layout; the network is this machine's. */
export function startContainer(
  layout: string,
  name: string,
  folder: string,
  options: ContainerOptions = {},
): Container {
  return runContainer(unpackContainer(layout, name, folder, options));
}

/** Unpacks an image, ready to run once. */
export function unpackContainer(layout: string, name: string, folder: string, options: ContainerOptions): Unpacked {
  const id = `mayfly-test-${process.pid}-${++count}`;
  const bundle = join(folder, id);
  const unpacked = spawnSync('umoci', ['unpack', '--image', `${layout}:${name}`, bundle], { encoding: 'utf8' });
  if (unpacked.status !== 0) throw new Error(`umoci cannot unpack the image: ${unpacked.stderr}`);
  const file = join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as Bundle;
  const { args, command, environment = {}, files = {} } = options;
  config.process.terminal = false;
  config.process.rlimits = [];
  for (const each of Object.keys(config.process.capabilities)) config.process.capabilities[each] = [];
  if (command) config.process.args = [...command];
  if (args) config.process.args = [...config.process.args.slice(0, 2), ...args];
  config.process.env.push(...Object.entries(environment).map(([name, value]) => `${name}=${value}`));
  config.root.readonly = true;
  config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network');
  config.linux.resources = {};
  config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/sys'));
  for (const destination of ['/tmp', '/state']) {
    config.mounts.push({ destination, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777'] });
  }
  for (const [destination, content] of Object.entries(files)) {
    const source = join(bundle, `mounted-${config.mounts.length}`);
    writeFileSync(source, content);
    // As a volume: the place for it is there before, in a root that cannot be written later.
    writeFileSync(join(bundle, 'rootfs', destination), '');
    config.mounts.push({ destination, type: 'bind', source, options: ['bind', 'ro'] });
  }
  writeFileSync(file, JSON.stringify(config));
  return { bundle, id };
}

export interface Unpacked {
  readonly bundle: string;
  readonly id: string;
}

/** Runs what was unpacked. */
export function runContainer({ bundle, id }: Unpacked): Container {
  // A mount of cgroups of both versions, which some machines have, is more than crun takes.
  const script = `umount /sys/fs/cgroup/unified 2>/dev/null; exec crun --cgroup-manager=disabled run --bundle "$1" "$2"`;
  const child = spawn('unshare', ['-m', 'sh', '-c', script, 'sh', bundle, id]);
  const killAtExit = (): void => void spawnSync('crun', ['delete', '--force', id]);
  process.on('exit', killAtExit);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const output = Promise.all([text(child.stdout), text(child.stderr)]).then((both) => both.join(''));
  return {
    process: child,
    output,
    pid: () => (JSON.parse(spawnSync('crun', ['state', id], { encoding: 'utf8' }).stdout) as { pid: number }).pid,
    async stop() {
      spawnSync('crun', ['kill', id, 'TERM']);
      const code = await ended;
      process.off('exit', killAtExit);
      killAtExit();
      return code;
    },
  };
}
