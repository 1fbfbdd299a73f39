// The engine component of QuickJS: what it exports. A program is evaluated in it, and then answers requests.
import './globals.js';
import variables from 'fermyon:spin/variables@2.0.0';
import { interfaces } from 'mayfly:interfaces';
import { explain } from '../explain.js';
import { answer, callExported, handleEvent, loadProgram } from '../program.js';
import { cleanFreedMemory } from './clean.js';
import { errorText, writeLine } from './console.js';
import { requestOf, respond } from './http.js';
import { beginLoop, endLoop } from './loop.js';
import { beginPerformance } from './performance.js';
import { beginRandom } from './random.js';

/** What QuickJS calls the text of an evaluation, in stacks. */
const EVALUATED = '<input>';
/** What it is called for people. */
let name = EVALUATED;

// Called by another name, it evaluates in the global scope.
// biome-ignore lint/security/noGlobalEval: this is what the engine is for
const evaluate = globalThis.eval;

function variable(name) {
  try {
    return variables.get(name);
  } catch {
    return undefined;
  }
}

export const program = {
  async load(code, file, options) {
    name = file;
    beginPerformance();
    beginLoop();
    try {
      await loadProgram(() => evaluate(code), options, { interfaces, variable });
    } catch (error) {
      throw error.replaceAll(EVALUATED, file);
    } finally {
      // Timers that still run are of no request, and end here.
      await endLoop();
    }
  },
  async turns() {},
  async call(called, given) {
    return during([], () => callExported(called, given));
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
    await Promise.allSettled(later);
    await endLoop();
  }
}

function report(error) {
  const text =
    error instanceof Error ? errorText(explain(error)) : `The program threw ${typeof error}: ${String(error)}`;
  writeLine(text.replaceAll(EVALUATED, name), true);
}

export const http = {
  async handle(incoming, outparam) {
    const later = [];
    await during(later, async () => {
      let response;
      try {
        response = await answer(requestOf(incoming), later);
      } catch (error) {
        report(error);
        response = new Response('Internal Server Error', { status: 500 });
      }
      await respond(outparam, response);
    });
  },
};

// This module is evaluated last.
cleanFreedMemory();
