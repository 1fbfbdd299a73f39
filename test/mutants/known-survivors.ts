// All breaks that need no test.
import { component } from './known-survivors/component.ts';
import { host } from './known-survivors/host.ts';
import type { KnownSurvivor } from './known-survivors/known-survivor.ts';
import { sandbox } from './known-survivors/sandbox.ts';
import { surroundings } from './known-survivors/surroundings.ts';

export const knownSurvivors: readonly KnownSurvivor[] = [...component, ...host, ...sandbox, ...surroundings];
