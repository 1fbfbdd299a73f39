// Transcripts of a page of the docs: the commands of its `console` blocks with what is printed below each, and servers that
// such commands start.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface Step {
  readonly command: string;
  readonly output: readonly string[];
}

/** The commands of each `console` block, with what is printed below each. */
export function transcripts(page: string): Step[][] {
  const blocks = readFileSync(page, 'utf8').matchAll(/```console\n(.*?)```/gs);
  return [...blocks].map(([, block]) => {
    const steps: { command: string; output: string[] }[] = [];
    for (const line of (block as string).trimEnd().split('\n')) {
      if (line.startsWith('$ ')) steps.push({ command: line.slice(2), output: [] });
      else steps.at(-1)?.output.push(line);
    }
    return steps;
  });
}

export interface StartedServer {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  output(): string;
  /** Host and port, and what it printed until it listed its routes. Rejects when it ends before. */
  readonly serving: Promise<{ readonly address: string; readonly output: string }>;
}

/** Starts a server in a process group of its own. */
export function serve(command: string, cwd: string, env: NodeJS.ProcessEnv): StartedServer {
  const child = spawn('sh', ['-c', command], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const { promise, resolve, reject } = Promise.withResolvers<{ address: string; output: string }>();
  let output = '';
  child.on('exit', (code) => reject(new Error(`"${command}" ended with ${code}:\n${output}`)));
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    const address = /Serving http:\/\/(\S+)[\s\S]*Routes:\n.+\n/.exec(output)?.[1];
    if (address) resolve({ address, output });
  });
  return { child, output: () => output, serving: promise };
}

/** Ends a server as Ctrl-C in a terminal does: the whole process group. Resolves when it has ended. */
export async function interrupt(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGINT');
  await ended;
}
