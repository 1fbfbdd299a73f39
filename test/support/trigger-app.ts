// An app with triggers that runs in the process of a test, in a folder of its own, with a log that remembers its lines.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { lockApp } from '../../src/app/lock.ts';
import { type RunningApp, type StartOptions, startApp } from '../../src/runtime.ts';
import { type TestLog, testLog } from '../../src/telemetry/log.test-kit.ts';

export interface AppFiles {
  /** The manifest without its head and without components. */
  readonly triggers: string;
  /** The components by their ids; those that are programs as their text. */
  readonly guests: Readonly<Record<string, Uint8Array | string>>;
  /** Added to each component's table, the same for all or by its id. */
  readonly settings?: string | ((id: string) => string);
}

/** Writes an app, and gives its folder; it is removed when the test is over. */
export async function writeApp(t: TestContext, { triggers, guests, settings = '' }: AppFiles): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-triggers-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const all = Object.entries(guests).map(([id, guest]) => {
    return { id, guest, file: `${id}.${typeof guest === 'string' ? 'ts' : 'wasm'}` };
  });
  const settingsOf = typeof settings === 'string' ? () => settings : settings;
  const components = all.map(({ id, file }) => `[component.${id}]\nsource = "${file}"\n${settingsOf(id)}`);
  const head = 'spin_manifest_version = 2\napplication.name = "events"\n';
  await writeFile(join(folder, 'spin.toml'), [head, triggers, ...components].join('\n'));
  for (const { guest, file } of all) await writeFile(join(folder, file), guest);
  return folder;
}

export interface TriggerApp extends TestLog {
  readonly app: RunningApp;
  /** The lines that guests printed, in their order. */
  printed(): string[];
  /** How often an event was logged. */
  logged(event: string): number;
  /** Resolves when `isSo`; throws after ten seconds, with what it waited for and the log. */
  until(what: string, isSo: () => boolean): Promise<void>;
}

export async function startTriggers(
  t: TestContext,
  files: AppFiles,
  options: Partial<StartOptions> = {},
): Promise<TriggerApp> {
  const locked = await lockApp(await writeApp(t, files));
  const test = testLog();
  const listen = { host: '127.0.0.1', port: 0 };
  const app = await startApp(locked, { log: test.log, variables: {}, environment: {}, listen, ...options });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    isStopped = true;
    await app.stop();
  };
  t.after(() => (isStopped ? undefined : stop()));
  const eventsOf = (event: string) => test.lines.filter(({ fields }) => fields.event === event);
  return {
    ...test,
    // Its getters go on to say what is so now.
    app: Object.create(app, { stop: { value: stop } }) as RunningApp,
    printed: () => eventsOf('guest-output').map(({ message }) => message),
    logged: (event) => eventsOf(event).length,
    async until(what, isSo) {
      for (const start = Date.now(); !isSo(); await delay(10)) {
        if (Date.now() - start < 10_000) continue;
        throw new Error(`Waited for ${what}; the log: ${JSON.stringify(test.lines, null, 1)}`);
      }
    },
  };
}
