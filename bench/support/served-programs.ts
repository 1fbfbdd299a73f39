// Programs that `mayfly up` serves: from a save to its answer, from the start of the process to the first answer, and requests
// over sockets beside workerd.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuSeconds, processState } from '../../test/support/process-figures.ts';
import type { BenchOptions, Figures, RowResult } from '../row.ts';
import { contestants } from './contestants.ts';
import { load } from './load.ts';
import { cache, mayfly } from './paths.ts';
import { type ServerCommand, startServer } from './server.ts';
import { median, round, show } from './statistics.ts';

const EDITS = 15;
const STARTS = 5;

/** Milliseconds from the end of a write to the first answer of what was written. */
export interface Edits {
  readonly key: string;
  readonly what: string;
  readonly times: readonly number[];
}

const small = (word: string): string => `export default { fetch: (): Response => new Response('${word}') };\n`;
/** Some 200 KB of packages. */
const bundled = (word: string): string => `import { Hono } from 'hono';
import { z } from 'zod';
const app = new Hono();
const query = z.object({ name: z.string().min(1).default('${word}') });
app.get('/', (context) => context.text(query.parse(context.req.query()).name));
export default app;
`;
/** Where the tests of packages install them. */
const packages = join(cache, 'packages');
const hasPackages = ['hono', 'zod'].every((name) => existsSync(join(packages, 'node_modules', name)));

export async function measureEdits(options: BenchOptions): Promise<Edits[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-'));
  const inPackages = join(packages, 'bench');
  try {
    const edits = [{ key: 'small', what: 'a small handler', times: await editsOf(folder, small, options) }];
    if (!hasPackages) return edits;
    await mkdir(inPackages, { recursive: true });
    const times = await editsOf(inPackages, bundled, options);
    return [...edits, { key: 'bundle', what: 'a bundle of hono and zod', times }];
  } finally {
    await Promise.all([folder, inPackages].map((one) => rm(one, { recursive: true, force: true })));
  }
}

const serving = (from: string, ...more: readonly string[]): ServerCommand => ({
  command: [process.execPath, '--no-warnings', mayfly, 'up', from, ...more, '--listen', '127.0.0.1:{port}', '-q'],
  path: '/',
});

async function editsOf(folder: string, textOf: (word: string) => string, options: BenchOptions): Promise<number[]> {
  options.say('scripts: edits');
  const file = join(folder, 'index.ts');
  await writeFile(file, textOf('first'));
  const server = await startServer(serving(folder, '--watch'));
  const times: number[] = [];
  try {
    for (let number = 1; number <= (options.quick ? 1 : EDITS); number++) {
      await writeFile(file, textOf(`edit ${number}`));
      const start = performance.now();
      while ((await (await fetch(server.url)).text()) !== `edit ${number}`) await delay(1);
      times.push(performance.now() - start);
      await delay(100);
    }
  } finally {
    await server.stop();
  }
  return times;
}

/** A table of what a program takes over sockets, beside workerd where it is installed. */
export async function measureServed(options: BenchOptions): Promise<RowResult> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-'));
  const file = join(folder, 'hello.ts');
  await writeFile(file, small('Hello from a program'));
  const { present } = await contestants();
  const workerd = present.find(({ server }) => server === 'workerd');
  const servers = [
    { key: 'program', title: 'mayfly up hello.ts: a sandbox for each request', command: serving(file, '--no-watch') },
    ...(workerd ? [{ key: 'workerd', title: 'workerd: one isolate for all requests', command: workerd }] : []),
  ];
  const rows: string[][] = [];
  const figures: Record<string, Figures> = {};
  try {
    for (const { key, title, command } of servers) {
      options.say(`scripts: ${title}`);
      const found = await serve(command, options);
      figures[`served_${key}`] = found;
      rows.push([title, ...Object.values(found).map((value) => show(value as number))]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  const columns = ['', 'from exec to the first answer, ms', 'a request, CPU µs', 'p99, ms', 'errors', 'process, MiB'];
  const notes = ['Over sockets: 32 connections; engine and component were prepared by an earlier start.'];
  if (!workerd) notes.push('workerd: missing, install it with --install-peers');
  return { tables: [{ title: 'scripts, over sockets', columns, rows }], figures, notes };
}

async function serve(command: ServerCommand, { quick }: BenchOptions): Promise<Figures> {
  const ready: number[] = [];
  for (let number = 0; number < (quick ? 1 : STARTS); number++) {
    const one = await startServer(command);
    ready.push(one.readyMs);
    await one.stop();
  }
  const server = await startServer(command);
  try {
    await load(server.url + command.path, 32, quick ? 1 : 4);
    const cpu = cpuSeconds(server.pid);
    const { requests, p99Ms, errors } = await load(server.url + command.path, 32, quick ? 1 : 5);
    const cpuUs = ((cpuSeconds(server.pid) - cpu) * 1_000_000) / requests;
    const { peakBytes } = processState(server.pid);
    return {
      ready_ms: round(median(ready)),
      cpu_us: round(cpuUs),
      p99_ms: round(p99Ms),
      errors,
      peak_mib: round(peakBytes / 2 ** 20),
    };
  } finally {
    await server.stop();
  }
}
