// The engine component of QuickJS: what it exports. A program is evaluated in it, and then answers requests.
import './globals.js';
import variables from 'fermyon:spin/variables@2.0.0';
import { functions, interfaces } from 'mayfly:interfaces';
import { named, nameProgram } from '../host/program-name.js';
import { beginRandom } from '../host/random.js';
import { report } from '../host/report.js';
import { answer, callExported, handleEvent, loadProgram } from '../program.js';
import { checkedInterface } from './checked-interface.js';
import { cleanFreedMemory } from './clean.js';
import { requestOf, respond } from './http.js';
import { beginLoop, endLoop } from './loop.js';
import { beginPerformance } from './performance.js';

// Called by another name, it evaluates in the global scope.
// biome-ignore lint/security/noGlobalEval: this is what the engine is for
const evaluate = globalThis.eval;

const checked = new Map([...interfaces].map(([name, found]) => [name, checkedInterface(found, functions[name])]));

function variable(name) {
  try {
    return variables.get(name);
  } catch {
    return undefined;
  }
}

export const program = {
  async load(code, file, options) {
    nameProgram(file);
    beginPerformance();
    beginLoop();
    try {
      await loadProgram(() => evaluate(code), options, { interfaces: checked, variable });
    } catch (error) {
      throw named(error);
    } finally {
      // Timers that still run are of no request, and end here.
      await endLoop();
    }
  },
  async turns() {},
  async call(called, given) {
    try {
      return await during([], () => callExported(called, given));
    } catch (error) {
      throw named(error);
    }
  },
  async event(trigger, payload, metadata) {
    const later = [];
    try {
      await during(later, () => handleEvent(trigger, payload, metadata, later));
    } catch (error) {
      report(error);
      throw error?.message ?? String(error);
    }
  },
};

/** Runs the work of an event, and what it left to be done later, with timers and random values. */
async function during(later, work) {
  beginPerformance();
  beginLoop();
  beginRandom();
  try {
    return await work();
  } finally {
    // What is waited for may bring more to wait for.
    for (const one of later) await Promise.resolve(one).catch(report);
    await endLoop();
  }
}

export const http = {
  async handle(incoming, outparam) {
    const later = [];
    await during(later, async () => {
      try {
        await respond(outparam, await answer(requestOf(incoming), later), report);
      } catch (error) {
        report(error);
        await respond(outparam, new Response('Internal Server Error', { status: 500 }), report);
      }
    });
  },
};

// This module is evaluated last.
cleanFreedMemory();
