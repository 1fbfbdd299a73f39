// Makes the sandboxes of one component: from its image when it has one, else by initialising it for each request.

import { type CallContext, Instance } from '../component/canon/instance.ts';
import { stacksOf } from '../component/canon/plan.ts';
import { processHostMemory } from '../component/types/host-memory.ts';
import { MayflyError, messageOf } from '../errors.ts';
import { type Artifact, GROWTH_EXPORTS } from './artifact.ts';
import { HeapAccount } from './heap-account.ts';
import { heapRoom } from './heap-room.ts';
import { type IdleSandboxes, processIdle } from './idle-sandboxes.ts';
import {
  type ComponentImage,
  freshMemories,
  type ImageData,
  type ImageOptions,
  imageData,
  imageOf,
  initializeOnce,
  memoryAt,
  memoryImports,
  type NoImage,
  takeImage,
  unpoolableReason,
} from './image.ts';
import { noPollPages, openPollPages } from './interrupt/poll-pages.ts';
import { processMemoryBudget } from './memory/budget.ts';
import { type HeapBudget, processHeapBudget } from './memory/heap-budget.ts';
import { type ImagedMemory, type MemoryOptions, sizeOf } from './memory/imaged-memory.ts';
import { processMappings } from './memory/mapping-budget.ts';
import { contentsOf, type GuestActivity, type ResetParts, Sandbox } from './sandbox.ts';
import { weightOf } from './sandbox-weight.ts';
import { discardAll, type OwnMemories, SpareMemories } from './spare-memories.ts';
import { globalOf, type MemoryPlace, memoryPlaces, tablesOf } from './state-parts.ts';

export interface SandboxFactory {
  /** Whether sandboxes are kept and reset between requests. */
  readonly kept: boolean;
  /**
   * The number of stacks of one sandbox that may be suspended at once; it is limited since component instances cannot
   * be entered twice.
   */
  readonly stacks?: number;
  /** Why sandboxes are not kept; undefined if they are. */
  readonly reason: string | undefined;
  /**
   * Makes a sandbox for the request of `context`. Where there is no image, it is initialised with that request's
   * imports, on the time of `activity`. Throws `sandbox-exhausted`, and what ends a guest while it is initialised.
   */
  make(context: CallContext, activity?: GuestActivity): Sandbox;
  close(): void;
}

export interface FactoryOptions extends ImageOptions {
  /** The manifest's setting: false never takes an image, true fails when there can be none, undefined finds out. */
  readonly preinitialize: boolean | undefined;
  readonly handleLimit: number;
  /** The most elements of all tables together; undefined leaves them at what they start with, unless they may grow. */
  readonly tableElements?: number | undefined;
  /** What the rewriter made every module import beyond its memories. */
  readonly extraImports: WebAssembly.Imports;
  /** An image that was kept in a file; when it is given, nothing is initialised. */
  readonly stored?: ImageData | undefined;
  /** Gets the data of an image that was taken, where it can be kept, as views that nobody writes to any more. */
  readonly keep?: ((data: ImageData) => void) | undefined;
  /** The engine's heap that guests share; that of the process by default. */
  readonly heapBudget?: HeapBudget | undefined;
  /** Counts what is kept for later sandboxes; that of the process by default. */
  readonly idle?: IdleSandboxes | undefined;
  /** Sends synthetic requests to the instance before its image is taken. When it rejects, there is no image. */
  readonly warm?: ((instance: Instance, pollPages: readonly bigint[]) => Promise<void>) | undefined;
}

export async function createFactory(artifact: Artifact, given: FactoryOptions): Promise<SandboxFactory> {
  const image = await createImage(artifact, given);
  // The factory lives as long as the component, and must not hold the megabytes that its image was made of.
  const options = { ...given, stored: undefined, keep: undefined, warm: undefined };
  if (!('reason' in image)) return imageFactory(artifact, image, options);
  if (options.preinitialize === true) {
    throw new MayflyError('preinitialize-impossible', `Cannot initialise the component beforehand: ${image.reason}`, {
      hint: 'Remove "preinitialize = true"',
    });
  }
  return perRequestFactory(artifact, image.reason, options);
}

/** Makes the image of a component as the options say, or says why it has none. */
export async function createImage(artifact: Artifact, options: FactoryOptions): Promise<ComponentImage | NoImage> {
  if (options.preinitialize === false) return { reason: 'its manifest says "preinitialize = false"' };
  const reason = unpoolableReason(artifact);
  if (reason) return { reason };
  const stored = options.stored && imageOf(artifact, options.stored, options);
  if (stored) return stored;
  const initialized = initializeWithRoom(artifact, options);
  if ('reason' in initialized) return initialized;
  try {
    await options.warm?.(initialized.instance, initialized.pollPages);
  } catch (error) {
    initialized.instance.dispose();
    return { reason: `a warm-up request failed: ${messageOf(error)}` };
  }
  const image = takeImage(artifact, initialized.instance, initialized.memories, options);
  initialized.instance.dispose();
  const data = options.keep && !('reason' in image) ? imageData(image, initialized.memories) : undefined;
  if (data) options.keep?.(data);
  return image;
}

/** Initialises the component once, with room in its heap where its allocator can be made to have some. */
function initializeWithRoom(artifact: Artifact, options: FactoryOptions): ReturnType<typeof initializeOnce> {
  const room = heapRoom(artifact, options.maximumPages);
  if (room) {
    const roomy = initializeOnce(artifact, options, options.extraImports, room);
    // Where an allocator does not want it, what it has done meanwhile goes with the instance.
    if (!('reason' in roomy)) return roomy;
  }
  return initializeOnce(artifact, options, options.extraImports);
}

/** Runs `make` on the time of the guest for which a sandbox is made; `pages` are the pages that its code polls. */
function onTimeOf<T>(activity: GuestActivity | undefined, pages: readonly bigint[], make: () => T): T {
  if (!activity) return make();
  activity.pollPages = pages;
  activity.enter();
  try {
    return make();
  } finally {
    activity.made();
  }
}

/** Makes sandboxes of an image, which is closed with the factory if that owns it. */
export function imageFactory(
  artifact: Artifact,
  image: ComponentImage,
  options: FactoryOptions,
  ownsImage = true,
): SandboxFactory {
  const spare = new SpareMemories(options.idle ?? processIdle);
  /**
   * The number of sandboxes in a row whose memory had grown: a guest whose memory grows usually grows it in each
   * request.
   */
  let grown = 0;
  const memory = options.hostMemory ?? processHostMemory();
  const heapBudget = options.heapBudget ?? processHeapBudget();
  const weight = weightOf(artifact, options.tableElements ?? 0);
  const { stacks } = processMappings();
  const takesBackGrowth = leavesGrowthToHost(artifact);
  const make = (): Sandbox => {
    memory.take(weight);
    let own: OwnMemories | undefined;
    let instance: Instance | undefined;
    let heap: HeapAccount | undefined;
    try {
      own =
        spare.pop() ??
        createMemories(image, options.maximumPages, {
          servesOnce: grown >= MOST_GROWN && !takesBackGrowth,
          takesBackGrowth,
        });
      const made = own;
      const { memories, pollPages } = made;
      heap = HeapAccount.open(artifact, heapBudget);
      const given = image.memories.map(({ place }, index) => [place, memories[index]!.memory] as const);
      instance = new Instance(artifact.plan, {
        module: (index) => artifact.modules[index] as WebAssembly.Module,
        extraImports: ({ slot }) => ({ ...memoryImports(given, slot), ...options.extraImports }),
        handleLimit: options.handleLimit,
        ownStacks: true,
        stacks,
        hostMemory: memory,
      });
      heap?.attach(instance, artifact);
      attachGrowth(instance, image, memories);
      const globals = globalsOf(image, instance);
      for (const { global, value } of globals) global.value = value;
      instance.resetHostSide(image.handles);
      const verify = options.verify ? { tables: tablesOf(artifact, instance).map(contentsOf) } : undefined;
      const onDiscard = (sandbox: Sandbox, isForGood: boolean): void => {
        memory.giveBack(weight);
        grown = memories.some(hasGrown) ? grown + 1 : 0;
        if (!isForGood && spare.hasRoom && mayReuseMemories(sandbox, memories)) spare.push(made);
        else discardAll(memories);
      };
      return new Sandbox(instance, pollPages, { memories, globals, handles: image.handles, verify }, onDiscard, heap);
    } catch (error) {
      memory.giveBack(weight);
      heap?.close();
      instance?.dispose();
      if (own) discardAll(own.memories);
      throw error;
    }
  };
  const close = (): void => {
    spare.close();
    if (ownsImage) image.close();
  };
  return {
    kept: true,
    stacks: stacksOf(artifact.plan),
    reason: undefined,
    make: (_, activity) => onTimeOf(activity, noPollPages, make),
    close,
  };
}

/** Whether the module grows its memory by what `attachGrowth` gives it. */
function leavesGrowthToHost({ modules }: Artifact): boolean {
  return modules.some((module) =>
    WebAssembly.Module.exports(module).some(({ name }) => name.startsWith(GROWTH_EXPORTS)),
  );
}

function attachGrowth({ core }: Instance, image: ComponentImage, memories: readonly ImagedMemory[]): void {
  image.memories.forEach(({ place: { slot } }, index) => {
    const { growth } = memories[index]!;
    growth?.handOver();
    for (const [name, value] of Object.entries(growth?.functions ?? {})) {
      const global = core[slot]?.[`${GROWTH_EXPORTS}${name}`] as WebAssembly.Global<unknown>;
      global.value = value;
    }
  });
}

function globalsOf({ globals }: ComponentImage, instance: Instance): ResetParts['globals'] {
  return globals.map(({ place, value }) => ({ global: globalOf(instance, place), value }));
}

/**
 * After so many sandboxes in a row that grew, the next ones are expected to grow as well: they are then made a third
 * cheaper, but cannot be kept.
 */
const MOST_GROWN = 8;

const hasGrown = (memory: ImagedMemory): boolean => sizeOf(memory) !== memory.image.byteLength;

/**
 * Whether the memories can be used again: not while a stack of the guest exists that could still write, or when one has
 * grown.
 */
function mayReuseMemories({ instance }: Sandbox, memories: readonly ImagedMemory[]): boolean {
  return !instance.store && !instance.suspended && memories.every((memory) => memory.reset());
}

function createMemories(image: ComponentImage, maximumPages: number, options: MemoryOptions): OwnMemories {
  const memories: ImagedMemory[] = [];
  try {
    for (const one of image.memories) memories.push(one.image.create(one.place.maximumPages, options));
    const given = memories.map(({ memory }) => memory);
    return { memories, pollPages: openPollPages(given, maximumPages) };
  } catch (error) {
    discardAll(memories);
    throw error;
  }
}

function perRequestFactory(artifact: Artifact, reason: string, options: FactoryOptions): SandboxFactory {
  const places = memoryPlaces(artifact, options.maximumPages);
  const budget = options.budget ?? processMemoryBudget();
  const memory = options.hostMemory ?? processHostMemory();
  const heapBudget = options.heapBudget ?? processHeapBudget();
  const weight = weightOf(artifact, options.tableElements ?? 0);
  const { stacks } = processMappings();
  const make = (context: CallContext, activity?: GuestActivity): Sandbox => {
    memory.take(weight);
    let memories: Map<MemoryPlace, WebAssembly.Memory> | undefined;
    let heap: HeapAccount | undefined;
    try {
      const fresh = onTimeOf(activity, noPollPages, () => freshMemories(places, budget));
      memories = fresh;
      const pollPages = openPollPages(fresh.values(), options.maximumPages);
      heap = HeapAccount.open(artifact, heapBudget);
      const account = heap;
      return onTimeOf(activity, pollPages, () => initialized(fresh, pollPages, context, activity, account));
    } catch (error) {
      memory.giveBack(weight);
      heap?.close();
      budget.released(memories?.size ?? 0);
      throw error;
    }
  };
  const initialized = (
    memories: Map<MemoryPlace, WebAssembly.Memory>,
    pollPages: readonly bigint[],
    context: CallContext,
    activity: GuestActivity | undefined,
    heap: HeapAccount | undefined,
  ): Sandbox => {
    const instance = new Instance(artifact.plan, {
      ...artifact.initializing((slot, index) => memoryAt(memories, slot, index)),
      extraImports: ({ slot }) => ({ ...memoryImports(memories, slot), ...options.extraImports }),
      handleLimit: options.handleLimit,
      ownStacks: true,
      stacks,
      hostMemory: memory,
      context,
      activity,
    });
    heap?.attach(instance, artifact);
    const onDiscard = (): void => {
      memory.giveBack(weight);
      budget.released(memories.size);
    };
    return new Sandbox(instance, pollPages, undefined, onDiscard, heap);
  };
  return { kept: false, stacks: stacksOf(artifact.plan), reason, make, close: () => undefined };
}
