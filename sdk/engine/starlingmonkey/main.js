// The engine component of StarlingMonkey: what it exports. A program is evaluated in it, and then answers requests.
import { requests } from './listen.js';
import './random-first.js';
import './globals.js';
import { get } from 'fermyon:spin/variables@2.0.0';
import { interfaces } from 'mayfly:interfaces';
import { beginRandom } from '../host/random.js';
import { report } from '../host/report.js';
import { answer, callExported, handleEvent, loadProgram } from '../program.js';
import { sendable } from './bodies.js';
import { nameProgram } from './stacks.js';
import { endTimers } from './timers.js';

// Called by another name, it evaluates in the global scope.
// biome-ignore lint/security/noGlobalEval: this is what the engine is for
const evaluate = globalThis.eval;

function variable(name) {
  try {
    return get(name);
  } catch {
    return undefined;
  }
}

requests.answer = async (request, later) => {
  beginRandom();
  try {
    return sendable(await answer(request, later));
  } catch (error) {
    report(error);
    return new Response('Internal Server Error', { status: 500 });
  }
};

export const program = {
  async load(code, file, options) {
    nameProgram(file);
    try {
      await loadProgram(() => evaluate(code), options, { interfaces, variable });
    } finally {
      endTimers();
    }
  },
  async call(called, given) {
    beginRandom();
    return callExported(called, given);
  },
  async event(trigger, payload, metadata) {
    beginRandom();
    const later = [];
    try {
      await handleEvent(trigger, payload, metadata, later);
    } catch (error) {
      report(error);
      throw error?.message ?? String(error);
    } finally {
      await Promise.allSettled(later);
    }
  },
};
