// Finds the handler of events among the exports of a component or of a program's engine, or says what is missing.
import type { Plan } from '../component/canon/plan.ts';
import { MayflyError } from '../errors.ts';
import { describeExports, type FoundExport, findWanted, type WantedExport } from './find-entry.ts';
import { programHandler } from './program-events.ts';

/** Throws `guest-no-handler` and `guest-handler-type`. `name` is what the component should export, for people. */
export function findHandler<Kind extends string>(
  plan: Plan,
  name: string,
  wanted: readonly WantedExport<Kind>[],
): FoundExport<Kind | 'program'> {
  const found = findWanted<Kind | 'program'>(plan, [...wanted, programHandler]);
  if (found) return found;
  throw new MayflyError('guest-no-handler', `The component exports no ${name}`, { hint: describeExports(plan) });
}
