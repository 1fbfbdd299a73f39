// Runs one test file in a process of its own until its first failure.
import { type ChildProcess, spawn } from 'node:child_process';

export type Outcome = 'passed' | 'failed' | 'timed out';

export interface RunOptions {
  readonly root: string;
  readonly timeoutMs: number;
  /** Where the engine keeps compiled scripts between the processes. */
  readonly compileCache: string;
}

export function runTest(file: string, { root, timeoutMs, compileCache }: RunOptions): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--no-warnings', '--test-reporter=tap', file], {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache, NODE_TEST_CONTEXT: undefined },
    });
    running.add(child);
    let outcome: Outcome | undefined;
    const end = (why: Outcome): void => {
      outcome ??= why;
      killGroup(child);
    };
    const timer = setTimeout(end, timeoutMs, 'timed out');
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      const lines = (rest + part).split('\n');
      rest = lines.pop() ?? '';
      if (lines.some((line) => /^\s*not ok /.test(line) && !/# (?:TODO|SKIP)/.test(line))) end('failed');
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      running.delete(child);
      killGroup(child); // What a test has started ends with it.
      resolve(outcome ?? (code === 0 ? 'passed' : 'failed'));
    });
  });
}

const running = new Set<ChildProcess>();

/** Ends what runs, with all that it has started: a broken test may go on for ever. */
export function endTests(): void {
  for (const child of running) killGroup(child);
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
