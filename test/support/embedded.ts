// What a component was before it was wrapped: its core module, with the world in a custom section, as bindings
// generators leave it.
import { componentEmbed } from '@bytecodealliance/jco';
import { withWasi } from '../../sdk/wit.mjs';
import { decodeComponent } from '../../src/component/binary/decode.ts';

/** `component` is one that was made of a single core module; `world` is the WIT text that it was made with. */
export async function unwrap(component: Uint8Array, world: string): Promise<Uint8Array> {
  const module = decodeComponent(component).definitions.find((one) => one.kind === 'core-module');
  if (!module) throw new Error('The component holds no core module');
  return componentEmbed({ binary: module.bytes, witSource: await withWasi(world), stringEncoding: 'utf8' });
}
