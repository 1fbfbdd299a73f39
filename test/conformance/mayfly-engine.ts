// Binds the .wast runner to Mayfly's component runtime.

import type { Engine } from './wast/engine.ts';

export const engine: Engine | undefined = undefined;
