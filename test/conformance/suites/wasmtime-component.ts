// Wasmtime's own tests of the Component Model.

import { engine } from '../mayfly-engine.ts';
import { wastFolder } from './wast-folder.ts';

export const wasmtimeComponent = wastFolder('wasmtime-component', 'tests/misc_testsuite/component-model', engine);
