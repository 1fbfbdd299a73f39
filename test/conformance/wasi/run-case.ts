// Carries out the operations of one case whose module is a command. Those of HTTP services stand in run-service.ts.
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../../src/errors.ts';
import type { Outcome } from '../suite.ts';
import { type GuestProcess, startCommand } from './guest-process.ts';
import type { Operation, TestCase } from './specification.ts';

const TIMEOUT_MS = 30_000;

/** Works on a copy of the case's root folder: the checkout stays as it is. */
export async function runCase(test: TestCase): Promise<Outcome> {
  const { root } = test.run;
  const copy = root ? copyOf(join(dirname(test.path), root)) : undefined;
  try {
    const guest = await startCommand(test.path, test.run, copy);
    const session = new Session(guest);
    for (const operation of test.operations) {
      const reason = await session.perform(operation);
      if (reason !== undefined) return { status: 'failed', reason };
    }
    return { status: 'passed' };
  } catch (error) {
    return { status: 'failed', reason: messageOf(error).split('\n', 1)[0] as string };
  } finally {
    if (copy !== undefined) rmSync(copy, { recursive: true, force: true });
  }
}

function copyOf(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'mayfly-wasi-'));
  cpSync(folder, copy, { recursive: true });
  return copy;
}

type Stream = 'stdout' | 'stderr';

/** One run of a guest, its standard streams, and the connections to it. */
class Session {
  readonly #guest: GuestProcess;
  /** Characters that operations have read. */
  readonly #read = { stdout: 0, stderr: 0 };
  readonly #connections = new Map<string, Socket>();

  constructor(guest: GuestProcess) {
    this.#guest = guest;
  }

  /** What was not as expected; undefined when it was. */
  async perform(operation: Operation): Promise<string | undefined> {
    const { type, id = '', payload = '' } = operation;
    switch (type) {
      case 'wait':
        this.#guest.closeStdin();
        return expectExit(this.#guest, operation.exit_code ?? 0);
      case 'write':
        this.#guest.write(payload);
        return undefined;
      case 'read':
        return this.#expect(id === 'stderr' ? 'stderr' : 'stdout', payload);
      case 'connect':
        return this.#connect(id);
      case 'send':
        this.#connections.get(id)?.write(payload);
        return undefined;
      case 'recv':
        return this.#receive(id, payload);
      default:
        return `The runner has no operation "${type}" for commands`;
    }
  }

  async #expect(stream: Stream, wanted: string): Promise<string | undefined> {
    const text = await this.#next(stream, (rest) => rest.length >= wanted.length && wanted !== '');
    this.#read[stream] += text.length;
    return text === wanted ? undefined : `${stream} is ${JSON.stringify(text)} instead of ${JSON.stringify(wanted)}`;
  }

  /** What was printed since the last read, once `enough` says so or the guest has ended. */
  async #next(stream: Stream, enough: (rest: string) => boolean): Promise<string> {
    let over = false;
    const end = ended(this.#guest).finally(() => {
      over = true;
    });
    for (;;) {
      const rest = this.#guest.output(stream).slice(this.#read[stream]);
      if (over || enough(rest)) return rest;
      await Promise.race([end, delay(5)]);
    }
  }

  /** The guest prints where it listens. */
  async #connect(id: string): Promise<string | undefined> {
    const line = (await this.#next('stdout', (rest) => rest.includes('\n'))).split('\n', 1)[0] as string;
    this.#read.stdout += line.length + 1;
    const [host = '', port = ''] = line.split(/:(?=\d+$)/);
    const socket = connect({ host, port: Number(port) });
    this.#connections.set(id, socket);
    await once(socket, 'connect');
    return undefined;
  }

  async #receive(id: string, wanted: string): Promise<string | undefined> {
    let text = '';
    for await (const chunk of this.#connections.get(id) as Socket) {
      text += String(chunk);
      if (text.length >= wanted.length) break;
    }
    return text === wanted ? undefined : `Received ${JSON.stringify(text)} instead of ${JSON.stringify(wanted)}`;
  }
}

async function expectExit(guest: GuestProcess, wanted: number): Promise<string | undefined> {
  const code = await ended(guest);
  if (code === wanted) return undefined;
  return `Exit code ${code} instead of ${wanted}: ${firstLines(guest.output('stderr'))}`;
}

async function ended(guest: GuestProcess): Promise<number> {
  const code = await Promise.race([guest.exited, delay(TIMEOUT_MS, undefined, { ref: false })]);
  if (code === undefined) throw new Error(`It did not end within ${TIMEOUT_MS} ms`);
  return code;
}

function firstLines(text: string): string {
  return text.trim().split('\n').slice(0, 4).join(' | ').slice(0, 500);
}
