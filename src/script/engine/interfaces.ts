// The interfaces that a prepared engine has for programs, among those that its component imports.
import type { Plan } from '../../component/canon/plan.ts';

/** Those of WASI are the engine's own business, except the ones that programs ask for by name. */
const forPrograms = /^(fermyon:spin|mayfly:websocket|spin:|wasi:keyvalue|wasi:config)/;

export function interfacesOf({ imports }: Pick<Plan, 'imports'>): ReadonlySet<string> {
  return new Set(imports.filter((name) => forPrograms.test(name)));
}
