// Makes the sandboxes of one component: from its image when it has one, else by initialising it for each request.
import { type CallContext, Instance } from '../component/link/instance.ts';
import { MayflyError, messageOf } from '../errors.ts';
import type { Artifact } from './artifact.ts';
import { HeapAccount } from './heap-account.ts';
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
  takeImage,
  unpoolableReason,
} from './image.ts';
import { openPollPages } from './interrupt/poll-pages.ts';
import { processMemoryBudget } from './memory/budget.ts';
import { type HeapBudget, processHeapBudget } from './memory/heap-budget.ts';
import type { ImagedMemory, MemoryOptions } from './memory/memory-image.ts';
import { contentsOf, type GuestActivity, Sandbox } from './sandbox.ts';
import { globalOf, memoryPlaces, tablesOf } from './state-parts.ts';

export interface SandboxFactory {
  /** Sandboxes are kept and reset between requests. */
  readonly kept: boolean;
  /** How many stacks of one sandbox may be suspended at once: component instances cannot be entered twice. */
  readonly stacks?: number;
  /** Why not, when they are not. */
  readonly reason: string | undefined;
  /**
   * `context`: the request that it is made for, whose imports initialisation may call when there is no image, and
   * `activity`, on whose time it then runs. Throws `sandbox-exhausted`, and what ends a guest while it is initialised.
   */
  make(context: CallContext, activity?: GuestActivity): Sandbox;
  close(): void;
}

export interface FactoryOptions extends ImageOptions {
  /** From the manifest: false never takes an image, true fails when there can be none, undefined finds out. */
  readonly preinitialize: boolean | undefined;
  readonly handleLimit: number;
  /** What the rewriter made every module import beyond its memories. */
  readonly extraImports: WebAssembly.Imports;
  /** An image that was kept: nothing is initialised then. */
  readonly stored?: ImageData | undefined;
  /** Gets the data of an image that was taken, where it can be kept: views that nobody writes any more. */
  readonly keep?: ((data: ImageData) => void) | undefined;
  /** The process's when it is not given. */
  readonly heapBudget?: HeapBudget | undefined;
  /** Runs on the instance before its image is taken: synthetic requests. Rejecting means that there is no image. */
  readonly warm?: ((instance: Instance, pollPages: readonly bigint[]) => Promise<void>) | undefined;
}

export async function createFactory(artifact: Artifact, given: FactoryOptions): Promise<SandboxFactory> {
  const image = await tryImage(artifact, given);
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

async function tryImage(
  artifact: Artifact,
  options: FactoryOptions,
): Promise<ComponentImage | { readonly reason: string }> {
  if (options.preinitialize === false) return { reason: 'its manifest says "preinitialize = false"' };
  const reason = unpoolableReason(artifact);
  if (reason) return { reason };
  const stored = options.stored && imageOf(artifact, options.stored, options);
  if (stored) return stored;
  const initialized = initializeOnce(artifact, options, options.extraImports);
  if ('reason' in initialized) return initialized;
  try {
    await options.warm?.(initialized.instance, initialized.pollPages);
  } catch (error) {
    return { reason: `a warm-up request failed: ${messageOf(error)}` };
  }
  const image = takeImage(artifact, initialized.instance, initialized.memories, options);
  const data = options.keep && !('reason' in image) ? imageData(image, initialized.memories) : undefined;
  if (data) options.keep?.(data);
  return image;
}

function imageFactory(artifact: Artifact, image: ComponentImage, options: FactoryOptions): SandboxFactory {
  /** Memories of sandboxes that ended badly, back at the image: making new ones is what costs most in a new sandbox. */
  const spare: OwnMemories[] = [];
  /** Sandboxes in a row whose memory had grown: a guest that does so does it each time. */
  let grown = 0;
  let isClosed = false;
  const heapBudget = options.heapBudget ?? processHeapBudget();
  const make = (): Sandbox => {
    const own = spare.pop() ?? createMemories(image, options.maximumPages, { servesOnce: grown >= MOST_GROWN });
    const { memories, pollPages } = own;
    let heap: HeapAccount | undefined;
    try {
      heap = HeapAccount.open(artifact, heapBudget);
      const given = image.memories.map(({ place }, index) => [place, memories[index]!.memory] as const);
      const instance = new Instance(artifact.plan, {
        module: (index) => artifact.modules[index] as WebAssembly.Module,
        extraImports: ({ slot }) => ({ ...memoryImports(given, slot), ...options.extraImports }),
        handleLimit: options.handleLimit,
        ownStacks: true,
      });
      heap?.attach(instance, artifact);
      const globals = image.globals.map(({ place, value }) => ({ global: globalOf(instance, place), value }));
      for (const { global, value } of globals) global.value = value;
      instance.resetHostSide(image.handles);
      const verify = options.verify ? { tables: tablesOf(artifact, instance).map(contentsOf) } : undefined;
      const onDiscard = (sandbox: Sandbox): void => {
        grown = memories.some(hasGrown) ? grown + 1 : 0;
        if (!isClosed && spare.length < MOST_SPARE && mayReuseMemories(sandbox, memories)) spare.push(own);
        else discardAll(memories);
      };
      return new Sandbox(instance, pollPages, { memories, globals, handles: image.handles, verify }, onDiscard, heap);
    } catch (error) {
      heap?.close();
      discardAll(memories);
      throw error;
    }
  };
  const close = (): void => {
    isClosed = true;
    for (const { memories } of spare.splice(0)) discardAll(memories);
    image.close();
  };
  return { kept: true, stacks: stacksOf(artifact), reason: undefined, make, close };
}

const MOST_SPARE = 16;
/** After so many the next ones are expected to grow as well: they then cost a third less, and cannot be kept. */
const MOST_GROWN = 8;

const hasGrown = ({ memory, image }: ImagedMemory): boolean => memory.buffer.byteLength !== image.byteLength;

interface OwnMemories {
  readonly memories: readonly ImagedMemory[];
  readonly pollPages: readonly bigint[];
}

/** Not while a stack of the guest exists that could still write, or when a memory has grown. */
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

function discardAll(memories: readonly ImagedMemory[]): void {
  for (const memory of memories) memory.discard();
}

function perRequestFactory(artifact: Artifact, reason: string, options: FactoryOptions): SandboxFactory {
  const places = memoryPlaces(artifact, options.maximumPages);
  const budget = options.budget ?? processMemoryBudget();
  const heapBudget = options.heapBudget ?? processHeapBudget();
  const make = (context: CallContext, activity?: GuestActivity): Sandbox => {
    const memories = freshMemories(places, budget);
    const pollPages = openPollPages(memories.values(), options.maximumPages);
    if (activity) activity.pollPages = pollPages;
    let heap: HeapAccount | undefined;
    activity?.enter();
    try {
      heap = HeapAccount.open(artifact, heapBudget);
      const instance = new Instance(artifact.plan, {
        ...artifact.initializing((slot, index) => memoryAt(memories, slot, index)),
        extraImports: ({ slot }) => ({ ...memoryImports(memories, slot), ...options.extraImports }),
        handleLimit: options.handleLimit,
        ownStacks: true,
        context,
        activity,
      });
      heap?.attach(instance, artifact);
      return new Sandbox(instance, pollPages, undefined, () => budget.released(memories.size), heap);
    } catch (error) {
      heap?.close();
      throw error;
    } finally {
      activity?.leave();
    }
  };
  return { kept: false, stacks: stacksOf(artifact), reason, make, close: () => undefined };
}

function stacksOf({ plan }: Artifact): number {
  return plan.suspends.filter((suspends) => suspends).length;
}
