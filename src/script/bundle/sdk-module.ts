// `mayfly/sdk` in programs: it is part of the package that runs them, so that nobody has to install it.
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'rolldown';

const entry = fileURLToPath(import.meta.resolve('../../../sdk/script/index.ts'));

export const sdkModule: Plugin = {
  name: 'mayfly:sdk',
  // What a program does not use of it is left out.
  resolveId: (source) => (source === 'mayfly/sdk' ? { id: entry, moduleSideEffects: false } : undefined),
};
