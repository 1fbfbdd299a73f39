// Initialisation of a core module that was compiled to start from an image: the host does what the engine would, puts
// the data segments into the memories and calls the start function. So each module is compiled once, not twice.
// https://webassembly.github.io/spec/core/exec/modules.html#instantiation
import type { Instance } from '../component/canon/instance.ts';
import type { InstantiateStep } from '../component/canon/plan.ts';
import type { CoreModuleInfo } from '../component/rewrite/core-module.ts';
import { SectionId } from '../component/rewrite/core-module.ts';
import { type ActiveSegment, activeSegments } from '../component/rewrite/data-segments.ts';
import { Trap } from '../errors.ts';

/** What instantiation leaves to do for one core module. */
export interface Initializer {
  readonly bytes: Uint8Array;
  readonly segments: readonly ActiveSegment[];
  readonly startExport: string | undefined;
}

/**
 * Reads how to initialise a module. Undefined when the module has to do it itself: an offset is computed, or reads a
 * global of its own.
 */
export function initializerOf(bytes: Uint8Array, info: CoreModuleInfo, internals: string): Initializer | undefined {
  const section = info.layout.sections.find(({ id }) => id === SectionId.data);
  const segments = section ? activeSegments(bytes, section) : [];
  if (
    !segments ||
    segments.some(({ offset }) => typeof offset === 'object' && !info.globals[offset.global]?.imported)
  ) {
    return undefined;
  }
  const { startFunction } = info;
  const startExport = startFunction === undefined ? undefined : `${internals}func${startFunction}`;
  return { bytes, segments, startExport };
}

/**
 * Puts the data segments into the step's memories, which `memory` gives by their index in the module, and calls the
 * start function.
 */
export function initialize(
  initializer: Initializer,
  info: CoreModuleInfo,
  step: InstantiateStep,
  instance: Instance,
  memory: (index: number) => WebAssembly.Memory,
): void {
  const views = new Map<number, Uint8Array>();
  for (const segment of initializer.segments) {
    const view = views.get(segment.memory) ?? new Uint8Array(memory(segment.memory).buffer as ArrayBuffer);
    views.set(segment.memory, view);
    const at = addressOf(segment, info, step, instance);
    if (at + segment.end - segment.start > view.length) throw new Trap('Data segment is out of bounds');
    view.set(initializer.bytes.subarray(segment.start, segment.end), at);
  }
  if (initializer.startExport !== undefined) {
    instance.coreFunction({ kind: 'export', slot: step.slot, name: initializer.startExport })();
  }
}

function addressOf({ offset }: ActiveSegment, info: CoreModuleInfo, step: InstantiateStep, instance: Instance): number {
  if (typeof offset === 'number') return offset;
  const value = importedValue('global', offset.global, info, step, instance) as WebAssembly.Global<number>;
  return value.value >>> 0;
}

/** The global or memory that a step imports under this index. */
export function importedValue(
  kind: 'global' | 'memory',
  index: number,
  info: CoreModuleInfo,
  step: InstantiateStep,
  instance: Instance,
): WebAssembly.ImportValue {
  const wanted = info.imports.filter((one) => one.kind === kind)[index];
  const found = step.imports.find(({ module, name }) => module === wanted?.module && name === wanted.name);
  if (!found) throw new Trap(`Core module has no imported ${kind} ${index}`);
  return instance.importValue(found.item);
}
