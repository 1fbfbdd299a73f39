// For `--import`: what processes and threads of Mayfly load first.
import { registerSources } from './sources.mjs';

registerSources();
