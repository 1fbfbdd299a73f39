// Room in the heap of an image. An allocator asks for memory when it has no more, and a fresh heap has nearly none: then the
// memory grows in each request, and a memory that has grown cannot be put back, since none can shrink. So the heap is made larger
// before the image is taken, by the module's own `cabi_realloc`: a block is allocated and cut down to a byte, as the lowering of a
// long list does whose owner lets go of it. What is then free lies in the heap, as zeros that no request pays for.
import type { Instance } from '../component/canon/instance.ts';
import type { Artifact } from './artifact.ts';
import { WASM_PAGE } from './memory/imaged-memory.ts';
import { infoOf, memoryPlaces } from './state-parts.ts';

/** Bytes of room: more than a body that is read in pieces, and what is made of a small one, take. */
const ROOM = 1024 * 1024;
/** The most of what a memory may still grow that the room takes: the rest is for requests. */
const MOST_SHARE = 8;
const ALIGNMENT = 8;

type Realloc = (pointer: number, size: number, alignment: number, newSize: number) => unknown;

/**
 * What makes room in the heaps of those modules whose allocator is known to take it so: the ones that Rust's compiler made.
 * Undefined where there are none. Throws what the guest throws; the instance is of no use then.
 */
export function heapRoom(artifact: Artifact, maximumPages: number): ((instance: Instance) => void) | undefined {
  const places = memoryPlaces(artifact, maximumPages);
  const heaps = artifact.plan.steps.flatMap((step) => {
    const place = places.find(({ slot }) => slot === step.slot);
    if (!place || infoOf(artifact, step).memories.length !== 1 || !isOfRust(artifact.modules[step.module])) return [];
    const mayGrow = (place.maximumPages - place.initialPages) * WASM_PAGE;
    const room = Math.min(ROOM, Math.floor(mayGrow / MOST_SHARE));
    return room < WASM_PAGE ? [] : [{ slot: step.slot, room }];
  });
  if (heaps.length === 0) return undefined;
  return ({ core }) => {
    for (const { slot, room } of heaps) {
      const realloc = core[slot]?.cabi_realloc as Realloc | undefined;
      if (typeof realloc !== 'function') continue;
      const block = Number(realloc(0, 0, ALIGNMENT, room));
      if (block > 0) realloc(block, room, ALIGNMENT, 1);
    }
  };
}

/** By the section in which compilers name themselves: https://github.com/WebAssembly/tool-conventions */
function isOfRust(module: WebAssembly.Module | undefined): boolean {
  if (!module) return false;
  const sections = WebAssembly.Module.customSections(module, 'producers');
  return sections.some((section) => Buffer.from(section).includes('\x04Rust'));
}
