// Wasmtime's own tests of the Component Model.

import { wasmtimeEngine } from './wasmtime-host.ts';
import { wastFolder } from './wast-folder.ts';

export const wasmtimeComponent = wastFolder(
  'wasmtime-component',
  'tests/misc_testsuite/component-model',
  wasmtimeEngine,
);
