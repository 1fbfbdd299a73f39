// Events for programs: their engine has one function for those of all types of triggers.
import type { Entry } from '../invocation/exchange.ts';
import type { WantedExport } from './find-entry.ts';

const TYPE = 'func(string, list<u8>, string) -> result<_, string>';

export const programHandler: WantedExport<'program'> = {
  kind: 'program',
  interface: 'mayfly:script/program',
  version: '0.1.0',
  name: 'event',
  // Engines without asynchronous functions export it as a plain one.
  type: `async ${TYPE}`,
  orType: TYPE,
};

/** What a program gets of an event: bytes, and what is known of them, which JSON can hold. */
export interface ProgramEvent {
  readonly payload: Uint8Array;
  readonly facts: object;
}

/** Whether the function is that of an engine. Such a handler has done its work when it has not thrown. */
export function isProgram(entry: Entry & { readonly kind?: string }): boolean {
  return entry.kind === programHandler.kind;
}

export function programParams(trigger: string, { payload, facts }: ProgramEvent): readonly unknown[] {
  return [trigger, payload, JSON.stringify(facts)];
}
