// One handler in one of several ways to run it: as a program in an engine, as the component that a build makes of it, in a
// context of node:vm for each request, or in a thread of its own for each.

import { createContext, Script } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { load } from '../../src/index.ts';
import { cpuMicroseconds, serveMeasurements } from '../support/measuring.ts';

export type Way = 'quickjs' | 'starlingmonkey' | 'component' | 'vm' | 'worker';

export interface ScriptsConfig {
  readonly way: Way;
  /** The built component. */
  readonly component: string;
}

export interface ScriptsInput {
  readonly requests: number;
}

export interface ScriptsRound {
  readonly cpuUs: number;
  readonly wallUs: number;
  readonly rssBytes: number;
}

export interface ScriptsStart {
  readonly loadMs: number;
  readonly firstMs: number;
}

/** What the built component of the same name does, too. */
const program = `export default { fetch: (request) => new Response('Hello from ' + new URL(request.url).pathname + '\\n') };`;

/** The text of the program as a script whose last value is its handler. */
const asScript = program.replace('export default', 'globalThis.program =');

type Answer = (path: string) => Promise<string>;

await serveMeasurements<ScriptsConfig, ScriptsInput>(async ({ way, component }) => {
  const start = performance.now();
  const answer = await opened(way, component);
  const loadMs = performance.now() - start;
  const asked = performance.now();
  await answer('/first');
  const firstMs = performance.now() - asked;
  return async ({ requests }): Promise<ScriptsRound & ScriptsStart> => {
    const [cpu, begun] = [cpuMicroseconds(), performance.now()];
    for (let i = 0; i < requests; i++) await answer('/path');
    return {
      ...{ loadMs, firstMs, rssBytes: process.memoryUsage().rss },
      cpuUs: (cpuMicroseconds() - cpu) / requests,
      wallUs: ((performance.now() - begun) * 1000) / requests,
    };
  };
});

async function opened(way: Way, component: string): Promise<Answer> {
  if (way === 'vm') return inContext();
  if (way === 'worker') return inThread();
  const app = way === 'component' ? await load(component) : await load({ script: program }, { engine: way });
  return async (path) => {
    const response = await app.fetch(`http://app${path}`);
    if (response.status !== 200) throw new Error(`It answered ${response.status}`);
    return response.text();
  };
}

/** A new context and its globals for each request; the script is compiled once. */
function inContext(): Answer {
  const script = new Script(asScript);
  return async (path) => {
    const context = createContext({ URL, Response });
    script.runInContext(context);
    const { program: made } = context as { program: { fetch(request: { url: string }): Response } };
    return made.fetch({ url: `http://app${path}` }).text();
  };
}

function inThread(): Answer {
  const text = `${asScript}
const { parentPort, workerData } = require('node:worker_threads');
program.fetch({ url: workerData }).text().then((text) => parentPort.postMessage(text));`;
  return (path) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(text, { eval: true, workerData: `http://app${path}` });
      let answer = '';
      worker.on('message', (found: string) => {
        answer = found;
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve(answer));
    });
}
