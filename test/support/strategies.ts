// The reset strategies that work on this machine, for tests that run over all of them.
import type { ResetStrategyName } from '../../src/sandbox/memory/imaged-memory.ts';
import { detectResetStrategies } from '../../src/sandbox/memory/reset-strategies.ts';

export const strategies: readonly ResetStrategyName[] = detectResetStrategies()
  .available.filter(({ available }) => available)
  .map(({ name }) => name);
