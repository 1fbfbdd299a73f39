// Makes the engine component of StarlingMonkey of its bundled source.
import { importTool } from '../../tools.mjs';

export const tool = '@bytecodealliance/componentize-js';

export async function componentizeEngine(source, witWorld) {
  const { componentize } = await importTool(tool);
  const { component } = await componentize(source, { sourceName: 'engine.js', witWorld, worldName: 'engine' });
  return component;
}
