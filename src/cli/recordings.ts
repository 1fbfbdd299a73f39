// The recordings of `--record` as the dashboard shows them, and what comes of one when it is replayed: in a process of its own,
// one at a time, so that the app goes on undisturbed.
import { execFile } from 'node:child_process';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { home } from '../home.ts';
import type { Head } from '../replay/format.ts';
import { clip } from '../telemetry/printable.ts';

/** The youngest that are shown, and the bytes in which the first line of each has to end. */
const MOST_SHOWN = 100;
const MOST_OF_HEAD = 65_536;
const REPLAY_MS = 120_000;
const MOST_OUTPUT = 16 * 2 ** 20;
const MOST_OF_FAILURE = 10_000;

export interface ShownRecording {
  readonly name: string;
  /** Undefined for a file whose first line is none of a recording. */
  readonly request?: {
    readonly at: string;
    readonly method: string;
    readonly path: string;
    readonly component: string;
  };
}

export class Recordings {
  readonly #folder: string;
  readonly #app: string;
  #isReplaying = false;

  /** `app` is what `-f` of `mayfly replay` gets. */
  constructor(folder: string, app: string) {
    this.#folder = folder;
    this.#app = app;
  }

  /** The youngest first. */
  async list(): Promise<ShownRecording[]> {
    const names = (await this.#names()).toReversed().slice(0, MOST_SHOWN);
    return Promise.all(names.map((name) => shown(this.#folder, name)));
  }

  /**
   * What `mayfly replay --json` says of a recording, or why it cannot be replayed, as `failure`. Undefined for one that is not
   * there; `busy` while another one is replayed.
   */
  async replay(name: string): Promise<object | 'busy' | undefined> {
    if (this.#isReplaying) return 'busy';
    this.#isReplaying = true;
    try {
      return (await this.#names()).includes(name) ? await this.#run(join(this.#folder, name)) : undefined;
    } finally {
      this.#isReplaying = false;
    }
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((name) => name.endsWith('.jsonl')).sort();
  }

  #run(file: string): Promise<object> {
    const args = [join(home, 'bin', 'mayfly.mjs'), 'replay', file, '--json', '-f', this.#app];
    return new Promise((resolve) => {
      execFile(process.execPath, args, { timeout: REPLAY_MS, maxBuffer: MOST_OUTPUT }, (_, stdout, stderr) => {
        try {
          resolve((JSON.parse(stdout) as [object])[0]);
        } catch {
          resolve({ failure: clip(stderr.trim() || 'it took too long', MOST_OF_FAILURE) });
        }
      });
    });
  }
}

async function shown(folder: string, name: string): Promise<ShownRecording> {
  try {
    const file = await open(join(folder, name));
    const { buffer, bytesRead } = await file
      .read(Buffer.alloc(MOST_OF_HEAD), 0, MOST_OF_HEAD, 0)
      .finally(() => file.close());
    const { at, request, component } = JSON.parse(
      buffer.toString('utf8', 0, bytesRead).split('\n', 1)[0] ?? '',
    ) as Head;
    const [path = ''] = request.target.split('?', 1);
    return { name, request: { at, method: request.method, path, component: component.id } };
  } catch {
    return { name };
  }
}
