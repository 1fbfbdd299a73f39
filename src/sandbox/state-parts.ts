// Where the state of an instance lies: the memories and mutable globals that its modules define, by step of the plan.
import type { Instance } from '../component/canon/instance.ts';
import type { InstantiateStep } from '../component/canon/plan.ts';
import type { CoreModuleInfo } from '../component/rewrite/core-module.ts';
import { MayflyError } from '../errors.ts';
import { type Artifact, INTERNALS } from './artifact.ts';

/** One memory that the core module of a step defines. */
export interface MemoryPlace {
  readonly slot: number;
  /** The memory's index in the module. */
  readonly index: number;
  readonly initialPages: number;
  /** Pages that the memory may grow to: what its module declares, or its share of the limit. */
  readonly maximumPages: number;
}

/** One mutable global of number type that the core module of a step defines. */
export interface GlobalPlace {
  readonly slot: number;
  readonly exportName: string;
}

export function memoryName(index: number): string {
  return `memory${index}`;
}

export function infoOf(artifact: Artifact, step: InstantiateStep): CoreModuleInfo {
  return artifact.infos[step.module] as CoreModuleInfo;
}

/**
 * Lists the memories. `limit` is the most pages that all memories of a sandbox may have together; what they do not
 * start with is shared out among those that may grow. Throws `component-over-limit`.
 */
export function memoryPlaces(artifact: Artifact, limit: number): MemoryPlace[] {
  const declared = artifact.plan.steps.flatMap((step) =>
    infoOf(artifact, step).memories.flatMap(({ imported, min, max = 65_536n }, index) =>
      imported ? [] : [{ slot: step.slot, index, initialPages: Number(min), maximumPages: Number(max) }],
    ),
  );
  if (declared.length > MOST_MEMORIES) throw tooMany(declared.length);
  const initial = declared.reduce((sum, { initialPages }) => sum + initialPages, 0);
  if (initial > limit) throw tooLarge(initial, limit);
  const growing = declared.filter((place) => place.maximumPages > place.initialPages);
  const share = Math.floor((limit - initial) / Math.max(1, growing.length));
  return declared.map((place) => ({
    ...place,
    maximumPages: Math.min(place.maximumPages, place.initialPages + share),
  }));
}

/** The most memories of a sandbox: each takes mappings and 8 GiB of the process's addresses, whatever its size. */
const MOST_MEMORIES = 100;

function tooMany(memories: number): MayflyError {
  const message = `The component has ${memories} memories. Limit reached: memories (${MOST_MEMORIES})`;
  return new MayflyError('component-over-limit', message);
}

function tooLarge(pages: number, limit: number): MayflyError {
  const message = `The component starts with ${pages * 64} KiB of memory. Limit reached: memory (${limit * 64} KiB)`;
  return new MayflyError('component-over-limit', message, { limit: { name: 'memory', value: limit * 65_536 } });
}

const numbers = new Set<unknown>(['i32', 'i64', 'f32', 'f64']);

export function globalPlaces(artifact: Artifact): GlobalPlace[] {
  return artifact.plan.steps.flatMap((step) =>
    infoOf(artifact, step).globals.flatMap(({ imported, mutable, type }, index) =>
      !imported && mutable && numbers.has(type) ? [{ slot: step.slot, exportName: `${INTERNALS}global${index}` }] : [],
    ),
  );
}

export type NumberGlobal = WebAssembly.Global<number | bigint>;

export function globalOf(instance: Instance, place: GlobalPlace): NumberGlobal {
  return instance.core[place.slot]?.[place.exportName] as NumberGlobal;
}

/** The tables that the modules of an instance define. */
export function tablesOf(artifact: Artifact, instance: Instance): WebAssembly.Table[] {
  return artifact.plan.steps.flatMap((step) =>
    infoOf(artifact, step).tables.flatMap(({ imported }, index) =>
      imported ? [] : [instance.core[step.slot]?.[`${INTERNALS}table${index}`] as WebAssembly.Table],
    ),
  );
}
