// A served app says where it is, drains on the first signal and ends on the second; the process is pretended.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { within } from '../triggers/http/wait.test-kit.ts';

/** A process that prints its routes and stops when told to; `stopped` on stdout when the app was drained. */
function start(stopMs: number) {
  const script = `
    import { printTriggers, stopOnSignals } from ${JSON.stringify(new URL('./serve.ts', import.meta.url).href)};
    const alive = setInterval(() => {}, 1000);
    const stop = () => new Promise((resolve) => setTimeout(() => { console.log('stopped'); resolve(); }, ${stopMs}));
    stopOnSignals({ stop });
    printTriggers({}, ['Serving http://x', 'Available Routes:', '  a: http://x/a', '    Says \\x1b[1ma'], () => ({}));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const ready = within(once(child.stdout, 'data'), 'the routes are printed');
  return {
    child,
    ready,
    ended: () => within(ended, () => `the process ends; it printed ${stdout}`),
    output: () => stdout,
  };
}

describe('a served app', () => {
  it('says where it is served, in lines that nothing of an app can change', async () => {
    const { child, ready, ended, output } = start(0);
    await ready;
    assert.equal(output(), 'Serving http://x\nAvailable Routes:\n  a: http://x/a\n    Says ␛[1ma\n');
    child.kill('SIGTERM');
    assert.deepEqual(await ended(), [0, null]);
  });

  it('drains on the first signal, counts a repeated one once, and ends with 0', async () => {
    const { child, ready, ended, output } = start(200);
    await ready;
    child.kill('SIGINT');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    assert.deepEqual(await ended(), [0, null]);
    assert.match(output(), /stopped\n$/);
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`drains on ${signal} alone`, async () => {
      const { child, ready, ended, output } = start(50);
      await ready;
      child.kill(signal);
      assert.deepEqual(await ended(), [0, null]);
      assert.match(output(), /stopped\n$/);
    });
  }

  it('ends at once on a second signal', async () => {
    const { child, ready, ended, output } = start(600_000);
    await ready;
    child.kill('SIGINT');
    setTimeout(() => child.kill('SIGINT'), 700);
    assert.deepEqual(await ended(), [130, null]);
    assert.doesNotMatch(output(), /stopped/);
  });
});

it('an app whose commands have ended, and that cannot be stopped, ends with an error and says why', async () => {
  const script = `
    import { exitWithCommands } from ${JSON.stringify(new URL('./serve.ts', import.meta.url).href)};
    setInterval(() => {}, 1000);
    exitWithCommands({ ended: Promise.resolve(0), stop: () => Promise.reject(new Error('stuck')) });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await within(once(child, 'close'), 'the process ends');
  assert.deepEqual([code, stderr], [1, 'Cannot stop the app: stuck\n']);
});
