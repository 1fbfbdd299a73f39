// Runs one case: its folder is copied, with ports and guests filled in, its app is served at a port of this machine, and
// what it answers and logs is compared.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lockApp } from '../../../src/app/lock.ts';
import { readRuntimeConfig } from '../../../src/app/runtime-config/read.ts';
import { formatError } from '../../../src/cli/format-error.ts';
import { startApp } from '../../../src/runtime.ts';
import { type LogLine as Logged, testLog } from '../../../src/telemetry/log.test-kit.ts';
import { guestPath } from '../../guests/build.ts';
import { repository } from '../../guests/guests.ts';
import { type Spin1Form, spin1Guest } from '../../support/spin-1.ts';
import { up } from '../../support/up.ts';
import { act, write } from './actions.ts';
import type { Case, LogLine } from './case-file.ts';
import { askApp } from './request.ts';
import { kinds, type Needed } from './servers.ts';

/** Why the case cannot be run here; false when it can. */
export function reasonToSkip({ needs = [] }: Case): string | false {
  return needs.map((name) => kindOf(name).missing()).find((reason) => reason !== false) ?? false;
}

/** `record` is where requests are recorded; `after` is called with the folder of the app when that was stopped. */
export interface Recorded {
  readonly record: NonNullable<Parameters<typeof startApp>[1]['record']>;
  after(folder: string): Promise<void>;
}

export async function runCase(source: string, given: Case, cacheDirectory: string, recorded?: Recorded): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-case-'));
  const servers = new Map<string, Needed>();
  try {
    for (const name of given.needs ?? []) servers.set(name, await kindOf(name).start());
    const fill = (text: string): string => filled(text, folder, servers);
    await copyCase(source, folder, fill);
    for (const file of given.files ?? []) addFile(folder, file);
    for (const action of given.setup ?? []) await act(action, folder, servers);
    if (given['load-error'] === undefined) await runApp(folder, given, servers, fill, cacheDirectory, recorded);
    else await checkLoadError(folder, given, fill(given['load-error']));
  } finally {
    for (const server of servers.values()) await server.close();
    rmSync(folder, { recursive: true });
  }
}

function kindOf(name: string): (typeof kinds)[string] {
  const kind = kinds[name];
  if (kind === undefined) throw new Error(`No server is called ${name}`);
  return kind;
}

/** `%{port=redis}`, `%{name=mysql}` and `%{path=disk}` of servers, `%{folder}` of the case, and `%{repeat=a*1000}`. */
function filled(text: string, folder: string, servers: ReadonlyMap<string, Needed>): string {
  return text
    .replaceAll('%{folder}', folder)
    .replace(/%\{repeat=([^*]+)\*(\d+)\}/g, (_, part: string, times: string) => part.repeat(Number(times)))
    .replace(/%\{(port|path|name)=(\w+)\}/g, (_, what: 'port' | 'path' | 'name', name) => {
      const found = servers.get(name)?.[what];
      if (found === undefined) throw new Error(`'needs' of the case has no "${name}" with a ${what}`);
      return String(found);
    });
}

/** Guests are links: components are not copied. */
async function copyCase(source: string, folder: string, fill: (text: string) => string): Promise<void> {
  cpSync(source, folder, { recursive: true });
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.toml') && file !== 'case.toml')) {
    let text = fill(readFileSync(join(folder, name), 'utf8'));
    for (const [all, guest = ''] of text.matchAll(/%\{guest=([\w-]+)\}/g)) {
      text = text.replace(all, await guestPath(guest));
    }
    for (const [all, form = ''] of text.matchAll(/%\{spin-1=([\w ]+)\}/g)) {
      const file = join(folder, `${form}.wasm`);
      writeFileSync(file, await spin1Guest(form as Spin1Form));
      text = text.replace(all, file);
    }
    writeFileSync(join(folder, name), text);
  }
}

function addFile(folder: string, { path, text, hex, bytes, link }: NonNullable<Case['files']>[number]): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  if (link === undefined)
    write(file, text ?? (hex === undefined ? Buffer.alloc(bytes ?? 0, 'x') : Buffer.from(hex, 'hex')));
  else symlinkSync(link, file);
}

/** Options of the app as the case has them. */
function optionsOf(folder: string, given: Case) {
  const file = readdirSync(folder).includes('runtime-config.toml') ? join(folder, 'runtime-config.toml') : undefined;
  return {
    variables: given.variables ?? {},
    environment: given.environment ?? {},
    keyValues: Object.entries(given['key-values'] ?? {}),
    sqliteStatements: (given.sqlite ?? []).map((text) => ({ label: 'default', text, all: true })),
    runtimeConfig: readRuntimeConfig({ file, defaultStateDirectory: join(folder, '.spin') }),
    maximumSandboxes: given['maximum-sandboxes'],
  };
}

async function runApp(
  folder: string,
  given: Case,
  servers: ReadonlyMap<string, Needed>,
  fill: (text: string) => string,
  cacheDirectory: string,
  recorded?: Recorded,
): Promise<void> {
  const { log, lines } = testLog();
  const app = given.up
    ? await served(folder, given.up)
    : await startHere(folder, { ...optionsOf(folder, given), log, cacheDirectory, record: recorded?.record });
  try {
    const waiting: Promise<void>[] = [];
    for (const [index, ask] of (given.ask ?? []).entries()) {
      for (const action of ask.before ?? []) await act(action, folder, servers);
      const done = askApp(app.url, ask, fill).catch((error: unknown) => {
        throw Object.assign(error as Error, { message: `ask ${index + 1}: ${(error as Error).message}` });
      });
      if (!ask.background) await done;
      else {
        done.catch(() => undefined);
        waiting.push(done);
      }
    }
    await Promise.all(waiting);
  } finally {
    await app.stop();
  }
  await recorded?.after(folder);
  checkLog(given, lines, fill);
}

interface Running {
  readonly url: URL;
  stop(): Promise<unknown>;
}

async function startHere(
  folder: string,
  options: ReturnType<typeof optionsOf> & Pick<Parameters<typeof startApp>[1], 'log' | 'cacheDirectory' | 'record'>,
): Promise<Running> {
  const locked = await lockApp(join(folder, 'spin.toml'), { runtimeConfig: options.runtimeConfig });
  const app = await startApp(locked, { ...options, listen: { host: '127.0.0.1', port: 0 }, verifyResets: true });
  return { url: new URL(app.url), stop: () => app.stop() };
}

async function served(folder: string, args: readonly string[]): Promise<Running> {
  const process = await up(['-f', folder, ...args]);
  return { url: new URL(process.url), stop: () => process.stop() };
}

async function checkLoadError(folder: string, given: Case, wanted: string): Promise<void> {
  const { log } = testLog();
  const running = (async () => startHere(folder, { ...optionsOf(folder, given), log }))();
  const error = await running.then(
    async (app) => {
      await app.stop();
      return new Error('the app was loaded');
    },
    (thrown: unknown) => thrown,
  );
  const text = formatError(error, { verbose: false, paint: (_, plain) => plain, directory: folder });
  assert.equal(
    text.replaceAll(folder, '.').replaceAll(`${repository}/`, '').trim(),
    wanted.replaceAll(folder, '.').trim(),
  );
}

function checkLog(given: Case, lines: readonly Logged[], fill: (text: string) => string): void {
  const shown = lines.map(({ level, message, fields }) => `${level} ${message} ${JSON.stringify(fields)}`).join('\n');
  for (const wanted of given.log ?? []) {
    const found = lines.filter((line) => matches(line, wanted, fill));
    const enough = wanted.times === undefined ? found.length > 0 : found.length === wanted.times;
    assert.ok(enough, `${found.length} lines are ${JSON.stringify(wanted)} in:\n${shown}`);
  }
  for (const event of given['log-lacks'] ?? []) {
    assert.ok(!lines.some(({ fields }) => fields.event === event), `there is "${event}" in:\n${shown}`);
  }
}

function matches({ message, fields }: Logged, wanted: LogLine, fill: (text: string) => string): boolean {
  if (wanted.event !== undefined && fields.event !== wanted.event) return false;
  const { message: reason = '' } = (fields.err ?? {}) as { message?: string };
  if (wanted.has !== undefined && !`${message}: ${reason}`.includes(fill(wanted.has))) return false;
  return Object.entries(wanted.fields ?? {}).every(([name, value]) => {
    return fields[name] === (typeof value === 'string' ? fill(value) : value);
  });
}
