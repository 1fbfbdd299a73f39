// Debian's Chromium without a window, driven by its DevTools protocol (https://chromedevtools.github.io/devtools-protocol/).
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { within } from './within.ts';

export const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

export interface Page {
  open(url: string): Promise<void>;
  /** The value of an expression of JavaScript; that of a promise is waited for. */
  evaluate(expression: string): Promise<unknown>;
  /** Waits until an expression is true. */
  until(expression: string): Promise<void>;
  /** Presses a key, such as `Tab` or `Enter`. */
  press(key: string): Promise<void>;
  /** As PNG. */
  screenshot(): Promise<Buffer>;
  scheme(scheme: 'light' | 'dark'): Promise<void>;
  /** What the page wrote to its console as errors, and what it threw. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

export async function openPage(program: string): Promise<Page> {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-browser-'));
  const options = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--remote-debugging-port=0',
    '--window-size=1100,900',
  ];
  const child = spawn(program, [...options, `--user-data-dir=${folder}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const url = await within(portOf(child), 'the browser');
  const targets = (await (await fetch(`http://${new URL(url).host}/json/list`)).json()) as {
    readonly type: string;
    readonly webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '');
  await within(new Promise((resolve) => socket.addEventListener('open', resolve)), 'the page');
  const waiting = new Map<number, (message: Message) => void>();
  const errors: string[] = [];
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    else if (message.method === 'Runtime.exceptionThrown') errors.push(JSON.stringify(message.params));
    else if (message.method === 'Log.entryAdded') errors.push(JSON.stringify(message.params));
  });
  let last = 0;
  const send = async (method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> => {
    const id = ++last;
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await within(answer, method);
    waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  };
  await Promise.all(['Runtime.enable', 'Log.enable', 'Page.enable'].map((method) => send(method)));
  const evaluate = async (expression: string): Promise<unknown> => {
    const given = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await send('Runtime.evaluate', given);
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { readonly value?: unknown }).value;
  };
  return {
    errors,
    evaluate,
    async open(address) {
      await send('Page.navigate', { url: address });
    },
    async until(expression) {
      const end = performance.now() + 30_000;
      while ((await evaluate(expression)) !== true) {
        if (performance.now() > end)
          throw new Error(`Never true: ${expression}; ${await evaluate('document.body?.innerText')}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async press(key) {
      const code = { Tab: 9, Enter: 13 }[key] ?? 0;
      const pressed = { key, code: key, windowsVirtualKeyCode: code, ...(key === 'Enter' && { text: '\r' }) };
      await send('Input.dispatchKeyEvent', { type: 'keyDown', ...pressed });
      await send('Input.dispatchKeyEvent', { type: 'keyUp', ...pressed });
    },
    async screenshot() {
      const { data } = await send('Page.captureScreenshot');
      return Buffer.from(data as string, 'base64');
    },
    async scheme(value) {
      await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
    },
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Where the browser says that it listens. */
function portOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk) => {
      text += chunk;
      const [, url] = /DevTools listening on (ws:\S+)/.exec(text) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`The browser ended: ${text}`)));
  });
}
