// The reference tests of the component-model repository.

import { mayflyEngine } from '../mayfly-engine.ts';
import { wastFolder } from './wast-folder.ts';

export const componentModel = wastFolder('component-model', 'test', () => mayflyEngine());
