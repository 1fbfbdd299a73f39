// What QuickJS lacks of the Web's globals. Read before programs, so that it costs requests nothing.

import { console } from '../host/console.js';
import { mathRandom, randomBytes } from '../host/random.js';
import { queueMicrotask, reportError } from '../host/report.js';
import { eventGlobals } from '../program.js';
import { cryptoWith } from '../web/crypto/crypto.js';
import { define, defineMethods, globals } from '../web/globals.js';
import { fetch } from './http.js';
import * as loop from './loop.js';
import { performanceGlobals } from './performance.js';

define(globalThis, {
  ...globals,
  ...eventGlobals,
  ...performanceGlobals,
  clearInterval: loop.clearTimeout,
  clearTimeout: loop.clearTimeout,
  console,
  ...cryptoWith(randomBytes),
  fetch,
  queueMicrotask,
  reportError,
  self: globalThis,
  setInterval: loop.setInterval,
  setTimeout: loop.setTimeout,
});
defineMethods();
Math.random = mathRandom;
