// The servers that the `http` row compares, and what each is started with.
import { join } from 'node:path';
import { componentFile } from './guests.ts';
import { mayfly, program, repository } from './paths.ts';
import { wasmtime, workerd } from './peers.ts';
import type { ServerCommand } from './server.ts';

export interface Contestant extends ServerCommand {
  readonly server: string;
  /** What it serves. */
  readonly guest: string;
  /** Whether every request gets an instance of its own. */
  readonly isolated: boolean;
}

export interface Missing {
  readonly server: string;
  readonly why: string;
}

const node = [process.execPath, '--no-warnings'];
const jco = join(repository, 'node_modules/.bin/jco');

/** Guests that each runtime of components serves from the same file, with the path that is asked for. */
const guests = { 'hello-c': '/hello', 'counter-c': '/counter', 'hello-js': '/hello' } as const;

export async function contestants(): Promise<{ readonly present: Contestant[]; readonly missing: Missing[] }> {
  const missing: Missing[] = [];
  const present: Contestant[] = [
    plain('node:http, no sandbox', 'JavaScript', [...node, program('node-server'), '{port}']),
    ...(await each('mayfly up', true, (file) => [
      ...node,
      mayfly,
      'up',
      '--no-cache',
      '-q',
      '-f',
      file,
      '--listen',
      '127.0.0.1:{port}',
    ])),
    ...(await each('jco serve', false, (file) => [...node, jco, 'serve', '--port', '{port}', file])),
  ];
  const workerdPath = workerd();
  if (workerdPath) present.push(plain('workerd', 'JavaScript', workerdCommand(workerdPath)));
  else missing.push({ server: 'workerd', why: 'install it with --install-peers' });
  const wasmtimePath = wasmtime();
  if (wasmtimePath)
    present.push(...(await each('wasmtime serve', true, (file) => wasmtimeCommand(wasmtimePath, file))));
  else missing.push({ server: 'wasmtime serve', why: 'install it with --install-peers' });
  return { present, missing };
}

/** Servers of the first seconds: C, JavaScript, and, here, a program; Spin where somebody has it. */
export async function firstSecondContestants(
  spin: string | undefined,
): Promise<{ readonly present: Contestant[]; readonly missing: Missing[] }> {
  const names = ['hello-c', 'hello-js'] as const;
  const up = (guest: string, file: string): Contestant => ({
    server: 'mayfly up',
    guest,
    isolated: true,
    path: guest === 'program' ? '/' : '/hello',
    command: [...node, mayfly, 'up', '-q', '-f', file, '--listen', '127.0.0.1:{port}'],
  });
  const others = new Map<string, (file: string) => readonly string[]>();
  const missing: Missing[] = [];
  const wasmtimePath = wasmtime();
  if (wasmtimePath) others.set('wasmtime serve', (file) => wasmtimeCommand(wasmtimePath, file));
  else missing.push({ server: 'wasmtime serve', why: 'install it with --install-peers' });
  if (spin) others.set('spin up', (file) => [spin, 'up', '-q', '-f', file, '--listen', '127.0.0.1:{port}']);
  else missing.push({ server: 'spin up', why: 'name it with --spin <path>' });
  const present: Contestant[] = [];
  for (const guest of names) {
    const file = await componentFile(guest);
    present.push(up(guest, file));
    for (const [server, command] of others) {
      present.push({ server, guest, isolated: true, path: '/hello', command: command(file) });
    }
  }
  present.push(up('program', join(repository, 'bench/peers/hello.ts')));
  return { present, missing };
}

function plain(server: string, guest: string, command: readonly string[]): Contestant {
  return { server, guest, isolated: false, command, path: '/hello' };
}

async function each(
  server: string,
  isolated: boolean,
  command: (file: string) => readonly string[],
): Promise<Contestant[]> {
  const all = Object.entries(guests).map(async ([guest, path]) => {
    const file = await componentFile(guest);
    return { server, guest, isolated, path, command: command(file) };
  });
  return Promise.all(all);
}

function workerdCommand(path: string): string[] {
  const config = join(repository, 'bench/peers/workerd.capnp');
  return [path, 'serve', config, '--socket-addr', 'http=127.0.0.1:{port}'];
}

function wasmtimeCommand(path: string, file: string): string[] {
  return [path, 'serve', '-Scli', '--addr', '127.0.0.1:{port}', file];
}
