// Runs one test: the app is loaded in surroundings of the test's own, asked, and looked at afterwards.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockApp } from '../../app/lock.ts';
import type { LockedApp } from '../../app/locked-app.ts';
import type { RuntimeConfig } from '../../app/runtime-config/runtime-config.ts';
import { MayflyError, messageOf } from '../../errors.ts';
import { VirtualData, type VirtualSurroundings } from '../../runtime/virtual.ts';
import { type App, loadToCall } from '../../runtime.ts';
import { createLog } from '../log.ts';
import { isFor, lookAfter, type Sent } from './aftermath.ts';
import { bytesOf, type TestPlace, textIn } from './content.ts';
import { headerDifferences, textDifference } from './expectations.ts';
import type { RequestSpec, TestCase } from './test-file.ts';
import { virtualConfig } from './virtual-config.ts';

export interface TestResult {
  readonly failures: readonly string[];
  /** What the log of the app had to say, with what components printed. */
  readonly output: readonly string[];
}

/** Rejects with a MayflyError when the app cannot be loaded, or the test is wrong. */
export async function runTest(test: TestCase, place: TestPlace): Promise<TestResult> {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-test-'));
  const output: string[] = [];
  const sent: Sent[] = [];
  const runtimeConfig = await virtualConfig(place, folder, {
    stores: Object.keys(test.keyValue),
    databases: Object.keys(test.sqlite),
  });
  const data = new VirtualData(runtimeConfig);
  try {
    await fill(data, test, place);
    const locked = await lockApp(place.manifest, { runtimeConfig, profile: place.profile });
    const app = await load(locked, runtimeConfig, { test, place, output, sent });
    const failures: string[] = [];
    try {
      for (const [index, request] of test.requests.entries()) {
        const prefix = test.requests.length > 1 ? `request ${index + 1}: ` : '';
        const found = await ask(app, request, { test, place });
        failures.push(...found.map((text) => `${prefix}${text}`));
      }
    } finally {
      await app.close();
    }
    failures.push(...(await lookAfter(test, { data, sent, output })));
    return { failures, output };
  } finally {
    await data.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(data: VirtualData, { keyValue, sqlite }: TestCase, place: TestPlace): Promise<void> {
  for (const [label, keys] of Object.entries(keyValue)) {
    await data.setKeys(
      label,
      Object.entries(keys).map(([key, value]) => [key, bytesOf(value, place)] as const),
    );
  }
  for (const [label, statements] of Object.entries(sqlite)) {
    for (const text of statements) {
      await data.run(label, text.startsWith('@') ? textIn(text.slice(1), place) : text);
    }
  }
}

interface Running {
  readonly test: TestCase;
  readonly place: TestPlace;
  readonly output: string[];
  readonly sent: Sent[];
}

function load(locked: LockedApp, runtimeConfig: RuntimeConfig, { test, place, output, sent }: Running): Promise<App> {
  const write = (line: string): void => void output.push(line);
  const log = createLog({ verbose: false, quiet: false, directory: undefined, write, paint: (_, text) => text });
  const virtual: VirtualSurroundings = {
    answer(request) {
      const used = (index: number): number => counts.get(index) ?? 0;
      const index = test.http.findIndex(
        ({ method, url, times }, at) => isFor(request, { method, url }) && (times === undefined || used(at) < times),
      );
      const found = test.http[index];
      sent.push({ ...request, isAnswered: found !== undefined });
      if (!found) return undefined;
      counts.set(index, used(index) + 1);
      const { status = 200, headers = {}, body = '' } = found;
      const isJson = typeof body !== 'string' && 'json' in body && !('content-type' in headers);
      const more: [string, string][] = isJson ? [['content-type', 'application/json']] : [];
      return { status, headers: [...lowerCase(headers), ...more], body: bytesOf(body, place) };
    },
  };
  const counts = new Map<number, number>();
  const { variables, environment } = test;
  const { cacheDirectory } = place;
  return loadToCall(locked, { log, variables, environment, runtimeConfig, virtual, cacheDirectory });
}

function lowerCase(headers: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
}

/** Throws `test-invalid` for what is no request of HTTP. */
function requestOf(
  { method = 'GET', path, host = 'localhost', headers = {}, body }: RequestSpec,
  { test, place }: { readonly test: TestCase; readonly place: TestPlace },
): Request {
  const isJson = typeof body === 'object' && 'json' in body;
  const type: Record<string, string> = isJson ? { 'content-type': 'application/json' } : {};
  const bytes = body === undefined ? undefined : Buffer.from(bytesOf(body, place));
  try {
    return new Request(`http://${host}${path}`, {
      method,
      headers: { ...type, ...headers },
      signal: AbortSignal.timeout(test.timeoutMs),
      ...(bytes !== undefined && { body: bytes }),
    });
  } catch (cause) {
    throw new MayflyError(
      'test-invalid',
      `The request of the test "${test.name}" cannot be sent: ${messageOf(cause)}`,
      {
        cause,
        location: { file: place.file },
        hint: 'Look at its method, host, path, headers, and whether its method may have a body',
      },
    );
  }
}

async function ask(
  app: App,
  spec: RequestSpec,
  { test, place }: { readonly test: TestCase; readonly place: TestPlace },
): Promise<string[]> {
  const { expect = {} } = spec;
  const request = requestOf(spec, { test, place });
  let response: Response;
  let bytes: Uint8Array;
  try {
    response = await app.fetch(request);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (request.signal.aborted) return [`there was no answer within ${test.timeoutMs} ms`];
    return [`the answer broke off: ${messageOf(error)}`];
  }
  const { status = 200, headers: wanted = {}, body: wantedBody } = expect;
  return [
    ...(response.status === status ? [] : [`the status is ${response.status}, not ${status}`]),
    ...headerDifferences(wanted, (name) => response.headers.get(name)),
    ...(wantedBody === undefined ? [] : [textDifference('the body', wantedBody, bytes)]),
  ].filter((text) => text !== undefined);
}
