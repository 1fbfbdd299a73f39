// The image of a component: its memories and globals right after initialisation, or the reason why it has none.

import type { HandleSnapshot } from '../component/abi/handles.ts';
import { ImportDuringInitialization, Instance, type InstantiateOptions } from '../component/canon/instance.ts';
import type { HostMemory } from '../component/types/host-memory.ts';
import { MayflyError, messageOf } from '../errors.ts';
import type { Artifact } from './artifact.ts';
import { MEMORIES } from './artifact.ts';
import type { Timer } from './clock.ts';
import { openPollPages } from './interrupt/poll-pages.ts';
import { type MemoryBudget, processMemoryBudget } from './memory/budget.ts';
import { GRANULE, type MemoryImage, type ResetStrategyName, WASM_PAGE } from './memory/imaged-memory.ts';
import { createMemoryImage, type MemoryImageOptions } from './memory/memory-image.ts';
import { type Run, type SparseBytes, sparseBytes } from './memory/zero-runs.ts';
import {
  type GlobalPlace,
  globalOf,
  globalPlaces,
  infoOf,
  type MemoryPlace,
  memoryName,
  memoryPlaces,
} from './state-parts.ts';

export interface ComponentImage {
  readonly memories: readonly { readonly place: MemoryPlace; readonly image: MemoryImage }[];
  readonly globals: readonly { readonly place: GlobalPlace; readonly value: number | bigint }[];
  /** Handles by component instance; undefined when all handle tables are empty, as they are for most components. */
  readonly handles: readonly HandleSnapshot[] | undefined;
  close(): void;
}

/** An image as plain data that can be kept in a file. */
export interface ImageData {
  readonly memories: readonly SparseBytes[];
  readonly globals: readonly (number | bigint)[];
}

/** Why a component has no image: each request is then served by an instance of its own, initialised for it. */
export interface NoImage {
  readonly reason: string;
}

export interface ImageOptions extends MemoryImageOptions {
  readonly strategy: ResetStrategyName;
  /** The most pages (64 KiB each) of all memories together. */
  readonly maximumPages: number;
  readonly handleLimit?: number | undefined;
  /** The account of what the process keeps for all guests; its own by default. */
  readonly hostMemory?: HostMemory | undefined;
  /** Makes the timer that limits initialisation: no request waits for it, but all others of the process are held up. */
  readonly timer?: (() => Timer) | undefined;
}

/** The reason for having no image, as far as it can be read off the code before anything runs. */
export function unpoolableReason(artifact: Artifact): string | undefined {
  for (const step of artifact.plan.steps) {
    const info = infoOf(artifact, step);
    const [use] = info.usesStateThatCannotBeReset;
    if (use) return `a core module contains ${use.instruction}, whose effect cannot be put back`;
    if (info.memories.some((memory) => memory.shared)) return 'a core module uses a shared memory';
  }
  return undefined;
}

/** Makes plain memories for one instance that is initialised from scratch. */
export function freshMemories(
  places: readonly MemoryPlace[],
  budget: MemoryBudget,
): Map<MemoryPlace, WebAssembly.Memory> {
  const memories = new Map<MemoryPlace, WebAssembly.Memory>();
  try {
    for (const place of places) {
      memories.set(place, budget.take({ initial: place.initialPages, maximum: place.maximumPages }));
    }
  } catch (error) {
    budget.released(memories.size);
    throw error;
  }
  return memories;
}

/** The memory among `memories` that the step with this slot defines under this index. */
export function memoryAt(
  memories: ReadonlyMap<MemoryPlace, WebAssembly.Memory>,
  slot: number,
  index: number,
): WebAssembly.Memory {
  for (const [place, memory] of memories) if (place.slot === slot && place.index === index) return memory;
  throw new MayflyError('internal', `The step ${slot} of a plan has no memory ${index}`);
}

export function memoryImports(
  memories: Iterable<readonly [MemoryPlace, WebAssembly.Memory]>,
  slot: number,
): WebAssembly.Imports {
  const imports: WebAssembly.ModuleImports = {};
  for (const [place, memory] of memories) if (place.slot === slot) imports[memoryName(place.index)] = memory;
  return { [MEMORIES]: imports };
}

interface Initialized {
  readonly instance: Instance;
  readonly memories: Map<MemoryPlace, WebAssembly.Memory>;
  readonly pollPages: readonly bigint[];
}

/**
 * Initialises the component once, with imports that refuse to be called, and gives the instance and its memories. `andThen` belongs
 * to the initialisation: it has its limits.
 */
export function initializeOnce(
  artifact: Artifact,
  options: ImageOptions,
  extraImports: WebAssembly.Imports,
  andThen: (instance: Instance) => void = () => undefined,
): Initialized | NoImage {
  const memories = freshMemories(memoryPlaces(artifact, options.maximumPages), options.budget ?? processMemoryBudget());
  const instantiate: InstantiateOptions = {
    ...artifact.initializing((slot, index) => memoryAt(memories, slot, index)),
    extraImports: ({ slot }) => ({ ...memoryImports(memories, slot), ...extraImports }),
    handleLimit: options.handleLimit,
    hostMemory: options.hostMemory,
    ownStacks: true,
  };
  const pollPages = openPollPages(memories.values(), options.maximumPages);
  const timer = options.timer?.();
  if (timer) timer.pollPages = pollPages;
  timer?.enter();
  try {
    const instance = new Instance(artifact.plan, instantiate);
    andThen(instance);
    return { instance, memories, pollPages };
  } catch (error) {
    timer?.leave();
    if (timer?.stopped) return { reason: `its initialisation was stopped. Limit reached: ${timer.limitReached}` };
    if (error instanceof ImportDuringInitialization) {
      return { reason: `its initialisation calls "${error.importName}"` };
    }
    return { reason: `its initialisation fails: ${messageOf(error as MayflyError)}` };
  } finally {
    timer?.leave();
  }
}

/**
 * The most handles in an image. Every new sandbox starts with them and each reset puts them back, on no guest's time; a
 * component with more is initialised for each request.
 */
const MOST_HANDLES = 1_000;

/** What an instance was made from, and where its memories may differ from that. */
export interface ImageBase {
  readonly image: ComponentImage;
  readonly changes: readonly (readonly Run[] | undefined)[];
}

/** Takes the image of an instance; with a `base` from which it was made, memories keep only what differs from that. */
export function takeImage(
  artifact: Artifact,
  instance: Instance,
  memories: ReadonlyMap<MemoryPlace, WebAssembly.Memory>,
  options: ImageOptions,
  base?: ImageBase,
): ComponentImage | NoImage {
  const { places } = instance.handles;
  if (places > MOST_HANDLES) {
    return { reason: `its initialisation leaves room for ${places} handles. An image may have ${MOST_HANDLES}` };
  }
  const handles = instance.components.map((component) => component.handles.snapshot());
  if (handles.includes(undefined) || instance.suspended)
    return { reason: 'its initialisation leaves tasks or streams behind' };
  const globals = globalPlaces(artifact).map((place) => ({ place, value: globalOf(instance, place).value }));
  if (globals.some(({ value }) => Number.isNaN(value))) {
    return { reason: 'a global holds a NaN, whose bits JavaScript cannot keep' };
  }
  const below = new Map(
    base?.image.memories.map(({ place, image }, index) => [place, { base: image, changes: base.changes[index] }]),
  );
  const images = [...memories].map(([place, memory]) => ({
    place,
    image: createMemoryImage(new Uint8Array(memory.buffer as ArrayBuffer), options.strategy, {
      ...options,
      ...below.get(place),
    }),
  }));
  return { memories: images, globals, handles: nonEmpty(handles), close: closer(images) };
}

/** Makes the image again from the data that `imageData` gave. Undefined when they do not fit the component. */
export function imageOf(artifact: Artifact, data: ImageData, options: ImageOptions): ComponentImage | undefined {
  const memoryOf = memoryPlaces(artifact, options.maximumPages);
  const globalOf = globalPlaces(artifact);
  if (data.memories.length !== memoryOf.length || data.globals.length !== globalOf.length) return undefined;
  if (!memoryOf.every((place, index) => fits(place, data.memories[index]!.byteLength))) return undefined;
  const globals = globalOf.map((place, index) => ({ place, value: data.globals[index]! }));
  const memories: { readonly place: MemoryPlace; readonly image: MemoryImage }[] = [];
  try {
    memoryOf.forEach((place, index) => {
      memories.push({ place, image: createMemoryImage(data.memories[index]!, options.strategy, options) });
    });
  } catch (error) {
    closeAll(memories);
    throw error;
  }
  return { memories, globals, handles: undefined, close: closer(memories) };
}

function fits({ initialPages, maximumPages }: MemoryPlace, byteLength: number): boolean {
  return (
    byteLength >= initialPages * WASM_PAGE && byteLength <= maximumPages * WASM_PAGE && byteLength % WASM_PAGE === 0
  );
}

/**
 * The data of an image that was just taken, as views of the memories that it was taken from. Undefined when the image
 * holds more than data.
 */
export function imageData(
  { globals, handles }: ComponentImage,
  memories: ReadonlyMap<MemoryPlace, WebAssembly.Memory>,
): ImageData | undefined {
  if (handles !== undefined) return undefined;
  const contents = [...memories.values()].map(({ buffer }) =>
    sparseBytes(new Uint8Array(buffer as ArrayBuffer), GRANULE),
  );
  return { memories: contents, globals: globals.map(({ value }) => value) };
}

function closeAll(images: ComponentImage['memories']): void {
  for (const { image } of images) image.close();
}

/**
 * Makes the image's close function outside of `takeImage` and `imageOf`: a closure made there would hold their
 * arguments as long as the image lives.
 */
function closer(images: ComponentImage['memories']): () => void {
  return () => closeAll(images);
}

function nonEmpty(snapshots: readonly (HandleSnapshot | undefined)[]): readonly HandleSnapshot[] | undefined {
  const all = snapshots.filter((one) => one !== undefined);
  return all.some(({ entries }) => entries.length > 1) ? all : undefined;
}
