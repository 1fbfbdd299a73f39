// The reference tests of the component-model repository.

import { engine } from '../mayfly-engine.ts';
import { wastFolder } from './wast-folder.ts';

export const componentModel = wastFolder('component-model', 'test', engine);
