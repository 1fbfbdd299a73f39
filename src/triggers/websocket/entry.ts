// Finds the three functions of a component that WebSockets call.
import type { Plan } from '../../component/canon/plan.ts';
import type { Entry } from '../../invocation/exchange.ts';
import { findHandler } from '../find-handler.ts';
import signatures from './signatures.json' with { type: 'json' };

const INTERFACE = 'mayfly:websocket/handler';
const types = signatures['mayfly:websocket/handler@0.1.0'];

export type EventKind = keyof typeof types;

/** `func` is that for `open`; a program has one function for all. */
export interface WebSocketEntry extends Entry {
  readonly entries: Readonly<Record<EventKind, Entry>>;
}

/** Throws `guest-no-handler` and `guest-handler-type`. */
export function findWebSocketEntry(plan: Plan): WebSocketEntry {
  const find = (name: EventKind): Entry =>
    findHandler(plan, `${INTERFACE}@0.1.0`, [
      {
        kind: 'websocket',
        interface: INTERFACE,
        version: '0.1.0',
        name,
        type: types[name],
        orType: `async ${types[name]}`,
      },
    ]);
  const entries = { open: find('open'), message: find('message'), close: find('close') };
  return { ...entries.open, entries };
}
