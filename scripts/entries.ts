/**
 * What processes start with, and nothing imports: below `src`, without endings. In `dist` they have the last part of these names,
 * for which src/home.ts and bin/code.mjs ask.
 */
export const entries: readonly string[] = [
  'cli/main',
  'cli/worker',
  'cli/bench/generator',
  'cli/bench/served-app',
  'index',
  'host/sqlite/backends/spin/runner',
];
