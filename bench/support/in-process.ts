// A component loaded into this process the way `mayfly up` does it, and called without a socket.

import { lockApp } from '../../src/app/lock.ts';
import type { ByteSource } from '../../src/host/http-message.ts';
import { createEngine, type Engine } from '../../src/runtime/engine.ts';
import type { LoadedComponent } from '../../src/runtime/load-component.ts';
import type { LoadOptions } from '../../src/runtime/load-options.ts';
import { loadApp } from '../../src/runtime.ts';
import { GuestClock } from '../../src/sandbox/clock.ts';
import type { ResetStrategyName } from '../../src/sandbox/memory/imaged-memory.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import type { HttpHandler } from '../../src/triggers/http/dispatcher.ts';
import { findHttpEntry } from '../../src/triggers/http/entry.ts';
import { createHandler } from '../../src/triggers/http/handler.ts';

export interface InProcessOptions {
  readonly reset: ResetStrategyName | 'auto';
  /** Without: no checks in the code, no watchdog. */
  readonly interruptible: boolean;
}

export interface InProcess {
  readonly component: LoadedComponent;
  readonly handler: HttpHandler;
  close(): Promise<void>;
}

export async function loadInProcess(file: string, { reset, interruptible }: InProcessOptions): Promise<InProcess> {
  const engine = createEngine({ reset });
  const used = interruptible ? engine : { ...engine, flag: undefined, clock: new GuestClock(undefined) };
  return loadInto(used, file);
}

/** Into a process that is up: its engine is there. */
export async function loadInto(engine: Engine, file: string, more: Partial<LoadOptions> = {}): Promise<InProcess> {
  const options: LoadOptions = { log: silentLog, variables: {}, environment: {}, ...more };
  const app = await loadApp(await lockApp(file), engine, options);
  const [component] = app.components;
  if (!component) throw new Error(`${file} holds no component`);
  const entry = findHttpEntry(component.artifact, false);
  return { component, handler: createHandler(component.guest, entry), close: () => app.close() };
}

const client = { clientAddress: '127.0.0.1:1' };

/** Builds a request, runs it, and checks the answer: status 200, and the beginning of its body. */
export async function request({ handler }: InProcess, path: string, answer: string): Promise<void> {
  const headers = [['host', 'localhost']] as const;
  const message = { method: 'GET', scheme: 'http', authority: 'localhost', target: path, headers } as const;
  const { status, body } = await handler({ ...message, body: undefined }, client);
  const text = body ? await readAll(body) : '';
  if (status !== 200 || !text.startsWith(answer)) throw new Error(`${path} answered ${status} ${text}`);
}

async function readAll(body: ByteSource): Promise<string> {
  let text = '';
  for (;;) {
    const read = body.read();
    const chunk = read instanceof Promise ? await read : read;
    if (!chunk) return text;
    text += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
  }
}
