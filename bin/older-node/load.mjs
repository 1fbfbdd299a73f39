// `load` in a Node that cannot run Mayfly itself: apps are in a process under the Node 26 that came with the package, one for all
// apps of the program, which ends with the last of them. What they do looks the same.
import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appOf } from './app.mjs';
import { MayflyError, revived } from './errors.mjs';

let running;
let last = 0;

/** `node` is the path of Node 26. */
export async function load(node, from, options = {}) {
  running ??= startProcess(node);
  const apps = running;
  const { log, onError, ...rest } = Object(options);
  last += 1;
  const app = last;
  apps.use(app, { log, onError });
  try {
    await apps.ask('load', { app, from, options: plainOptions(rest, log, onError), wants: wantsOf(log, onError) });
  } catch (error) {
    apps.leave(app);
    throw error;
  }
  return appOf(app, apps, typeof onError === 'function' ? onError : undefined);
}

/** What is none is passed on: the other side says so. */
function plainOptions(options, log, onError) {
  const wants = wantsOf(log, onError);
  return {
    ...options,
    ...(log !== undefined && !wants.log && { log: String(log) }),
    ...(onError !== undefined && !wants.onError && { onError: String(onError) }),
  };
}

function wantsOf(log, onError) {
  const isLog = ['debug', 'info', 'warn', 'error', 'child'].every((name) => typeof log?.[name] === 'function');
  return { log: isLog, onError: typeof onError === 'function' };
}

function startProcess(node) {
  const script = fileURLToPath(new URL('app-process.mjs', import.meta.url));
  const child = fork(script, [], {
    execPath: node,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map();
  const users = new Map();
  const ready = withResolvers();
  const agent = new Agent({ keepAlive: true });
  let count = 0;
  let folder;
  let ended;
  const end = (how) => {
    ended ??= new MayflyError('worker-failed', `The process of the apps has ended: ${how}`);
    if (running === apps) running = undefined;
    agent.destroy();
    ready.reject(ended);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  child.on('error', (error) => end(error.message));
  child.on('exit', (code, signal) => {
    end(signal ?? `code ${code}`);
    // One that was killed could not do it itself.
    if (folder) rmSync(folder, { recursive: true, force: true });
  });
  child.on('message', ({ id, ready: path, to, ...rest }) => {
    if (path !== undefined) {
      if (process.platform !== 'win32') folder = dirname(path);
      return ready.resolve(path);
    }
    if (to !== undefined) return report(users.get(to), rest);
    const asked = waiting.get(id);
    waiting.delete(id);
    hold();
    return 'error' in rest ? asked?.reject(revived(rest.error)) : asked?.resolve(rest.result);
  });
  ready.promise.catch(() => {});

  /** The program ends when nothing else keeps it, as it would without the process. */
  function hold() {
    for (const one of [child, child.channel]) {
      if (waiting.size > 0) one?.ref();
      else one?.unref();
    }
  }
  hold();

  const apps = {
    agent,
    socketPath: () => {
      if (ended) throw ended;
      return ready.promise;
    },
    use: (app, given) => users.set(app, given),
    /** The process ends with its last app. */
    leave(app) {
      users.delete(app);
      if (users.size > 0 || ended) return;
      end('all apps were closed');
      child.disconnect();
    },
    async ask(action, message) {
      if (ended) throw ended;
      count += 1;
      const id = count;
      const { promise, resolve, reject } = withResolvers();
      waiting.set(id, { resolve, reject });
      hold();
      child.send({ id, action, ...message }, (error) => {
        if (!error) return;
        waiting.delete(id);
        hold();
        reject(error);
      });
      return promise;
    },
  };
  return apps;
}

function report(user, { level, fields, text, error, request }) {
  if (!user) return;
  try {
    if (error) user.onError(revived(error), request);
    else user.log[level](fields, text);
  } catch {
    // Whoever is told has to see to its own errors.
  }
}

function withResolvers() {
  let resolve;
  let reject;
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
