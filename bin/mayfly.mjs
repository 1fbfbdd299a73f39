#!/usr/bin/env node
// The `mayfly` command: finds the Node 26 that the npm package `node` brought, and runs Mayfly's code under it.
import { spawn } from 'node:child_process';
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeOf, isCheckout } from './code.mjs';
import { findNode26 } from './find-node.mjs';

stopWithLauncher();

if (Number(process.versions.node.split('.')[0]) >= 26) {
  keepCompiled();
  const { main } = await import(codeOf('cli/main').href);
  await main(process.argv.slice(2));
} else {
  runUnderNode26();
}

/** What V8 compiled of the code is kept from run to run: a start takes a third of the time. Fails silently. */
function keepCompiled() {
  const { XDG_CACHE_HOME } = process.env;
  const ofUser = XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache');
  const folder = isCheckout
    ? fileURLToPath(new URL('../.cache/compile', import.meta.url))
    : join(ofUser, 'mayfly-code');
  nodeModule.enableCompileCache(folder);
}

function runUnderNode26() {
  const node = findNode26();
  if (!node) {
    console.error("Mayfly needs Node 26. It comes with the npm package 'node': run 'npm install' in Mayfly's folder.");
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`Cannot start Node 26: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    // Ends as the child did, which our own listeners would prevent.
    for (const each of signals) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
}

/**
 * `npm start` replaces its shell by this process, so npm hands SIGINT and SIGTERM on. Of anything else npm dies without a
 * word: then nobody is left who could stop what it started.
 */
function stopWithLauncher() {
  const { npm_lifecycle_event: script, npm_package_name: name } = process.env;
  if (script !== 'start' || name !== 'mayfly') return;
  const launcher = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === launcher) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}
