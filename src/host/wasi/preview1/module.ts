// wasi_snapshot_preview1 for core modules: all its functions, over the same objects as the other WASI versions.
import type { HostCoreModule } from '../../../component/types/core-host.ts';
import { argsFunctions } from './args.ts';
import { clockFunctions } from './clocks.ts';
import { fdDataFunctions } from './fd-data.ts';
import { fdMetaFunctions } from './fd-meta.ts';
import { pathFunctions } from './path.ts';
import { pollFunctions } from './poll.ts';
import { processFunctions } from './process.ts';

export const preview1Module: HostCoreModule = {
  name: 'wasi_snapshot_preview1',
  service: 'wasi',
  functions: {
    ...argsFunctions,
    ...clockFunctions,
    ...fdDataFunctions,
    ...fdMetaFunctions,
    ...pathFunctions,
    ...pollFunctions,
    ...processFunctions,
  },
};
