// Guests as an app with limits of its own: in this process, or behind a real socket. Its log is kept for the test.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { lockApp } from '../../src/app/lock.ts';
import { type LibraryOptions, load } from '../../src/library/load.ts';
import type { Limits } from '../../src/limits.ts';
import { type App, type RunningApp, startApp } from '../../src/runtime.ts';
import type { Logger } from '../../src/telemetry/log.ts';
import { guestPath } from '../guests/build.ts';

export interface GuestSettings {
  /** A guest of test/guests, or the path of a .wasm file. */
  readonly guest: string;
  /** Lines of `[component.<id>.tool.mayfly]` and below. */
  readonly settings?: string;
  readonly allowedHosts?: readonly string[];
}

export interface SandboxApp {
  readonly app: App;
  /** Answers `/<component>/...`. */
  get(
    path: string,
    init?: RequestInit,
  ): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }>;
  /** Lines of the log so far. */
  log(): string;
  close(): Promise<void>;
}

/** A failing match would print the whole log; this prints its end. */
export function assertLogged(app: { log(): string }, pattern: RegExp): void {
  const log = app.log();
  assert.ok(pattern.test(log), `the log has no ${pattern}; it ends with ${log.slice(-1500)}`);
}

export interface SandboxServer extends RunningApp {
  log(): string;
}

interface Prepared {
  readonly manifest: string;
  readonly log: Logger;
  readonly lines: () => string;
  remove(): Promise<void>;
}

async function prepare(guests: Readonly<Record<string, GuestSettings>>, appSettings: string): Promise<Prepared> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-sandbox-'));
  const parts = ['spin_manifest_version = 2', '[application]', 'name = "sandboxes"', appSettings];
  for (const [id, { guest, settings = '', allowedHosts = [] }] of Object.entries(guests)) {
    const source = guest.endsWith('.wasm') ? guest : await guestPath(guest);
    parts.push(`[[trigger.http]]\nroute = "/${id}/..."\ncomponent = "${id}"`);
    parts.push(`[component.${id}]\nsource = ${JSON.stringify(source)}`);
    parts.push(`allowed_outbound_hosts = ${JSON.stringify(allowedHosts)}`);
    if (settings) parts.push(`[component.${id}.tool.mayfly]\n${settings}`);
  }
  const manifest = join(folder, 'spin.toml');
  await writeFile(manifest, parts.join('\n'));
  let text = '';
  const write = (line: string): void => {
    text += line;
  };
  const log = pino({ level: 'debug' }, { write });
  return { manifest, log, lines: () => text, remove: () => rm(folder, { recursive: true }) };
}

export async function sandboxApp(
  guests: Readonly<Record<string, GuestSettings>>,
  { appSettings = '', ...options }: LibraryOptions & { readonly appSettings?: string } = {},
): Promise<SandboxApp> {
  const { manifest, log, lines, remove } = await prepare(guests, appSettings);
  const app = await load(manifest, { verifyResets: true, log, ...options }).finally(remove);
  return {
    app,
    async get(path, init) {
      const response = await app.fetch(new Request(`http://localhost${path}`, init));
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
    log: lines,
    close: () => app.close(),
  };
}

export async function sandboxServer(
  guests: Readonly<Record<string, GuestSettings>>,
  options: LibraryOptions & { readonly appSettings?: string; readonly limits?: Limits } = {},
): Promise<SandboxServer> {
  const { manifest, log, lines, remove } = await prepare(guests, options.appSettings ?? '');
  const locked = await lockApp(manifest).finally(remove);
  const listen = { host: '127.0.0.1', port: 0 };
  const defaults = { verifyResets: true, variables: {}, environment: {}, log };
  const running = await startApp(locked, { ...defaults, ...options, listen } as Parameters<typeof startApp>[1]);
  return { ...running, log: lines };
}
