// Apps that the templates make, in a folder for a test: made, installed, built, served and asked.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { mayfly, serve } from './cli-process.ts';

export interface MadeApp {
  readonly name: string;
  readonly folder: string;
}

/** A folder for the apps of a test file; it goes with it. */
export function appsFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-templates-'));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** `mayfly new`, with values such as 'http-path=/x/...'. */
export function made(base: string, template: string, values: readonly string[] = []): MadeApp {
  const name = `my-${template}`;
  const given = values.flatMap((value) => ['-v', value]);
  const { code, stderr } = mayfly(['new', '-t', template, name, '--accept-defaults', ...given], base);
  assert.equal(code, 0, stderr);
  return { name, folder: join(base, name) };
}

/** Runs what a person would; fails with what it wrote. */
export function run(folder: string, command: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 110_000 });
  assert.equal(status, 0, error?.message ?? stderr);
}

export function npmInstall(folder: string): void {
  run(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error');
}

/** Compilers keep what they have compiled where they do for people. */
export function build({ folder }: MadeApp): void {
  const { code, stderr } = mayfly(['build'], folder, { XDG_CACHE_HOME: join(homedir(), '.cache') }, 280_000);
  assert.equal(code, 0, stderr);
}

/** Serves, asks, and stops; gives the answer and what was printed. */
export async function asked(folder: string, path: string, args: readonly string[] = [], init: RequestInit = {}) {
  const app = await serve(args, folder);
  const response = await fetch(`${app.url}${path}`, init);
  const text = await response.text();
  app.kill('SIGINT');
  const { code, stderr, stdout } = await app.ended;
  assert.equal(code, 0, stderr);
  return { status: response.status, headers: response.headers, text, stderr, stdout, url: app.url };
}
