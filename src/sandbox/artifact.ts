// A component made ready to run: decoded, validated and linked, its core modules rewritten and compiled. This is done
// once per file. A core module that is a command, or was made for a world, is linked as if it were a component.
import type { Component } from '../component/binary/ast.ts';
import { decodeComponent } from '../component/binary/decode.ts';
import { looksLikeCoreModule } from '../component/binary/preamble.ts';
import type { InstantiateOptions } from '../component/canon/instance.ts';
import type { Plan } from '../component/canon/plan.ts';
import type { Composition, Part } from '../component/link/composition.ts';
import { linkCoreCommand } from '../component/link/core-command.ts';
import { linkCoreComponent } from '../component/link/core-component.ts';
import { hasWorld } from '../component/link/core-module-kind.ts';
import type { HostRegistry } from '../component/link/host-registry.ts';
import { linkComponent, linkComposition } from '../component/link/link.ts';
import { isOldModule, linkOldModule } from '../component/link/old-module.ts';
import { CopiedRuns } from '../component/rewrite/copied-runs.ts';
import type { CodeFacts, CoreModuleInfo } from '../component/rewrite/core-module.ts';
import { canTakeBackGrowth } from '../component/rewrite/growth.ts';
import { instantiationWeight } from '../component/rewrite/instantiation-weight.ts';
import { codeFacts, readCodelessModule, readCoreModule } from '../component/rewrite/read-core-module.ts';
import { rewriteCoreModule } from '../component/rewrite/rewrite-core-module.ts';
import type { RewriteOptions } from '../component/rewrite/rewrite-options.ts';
import { validateComponent } from '../component/validate/validate.ts';
import { MayflyError } from '../errors.ts';
import { compileFully, compileKnown } from './compile.ts';
import { type Initializer, importedValue, initialize, initializerOf } from './initialize.ts';
import { canPoll, pollAddress } from './interrupt/poll-pages.ts';
import { mayHaveDebugInformation } from './source-lines/debug-information.ts';
import { type DebugSources, withSourceMap } from './source-lines/debug-module.ts';
import type { LocatableModule } from './source-lines/locate.ts';

/** Names that the rewriter gives to what it adds; no guest can import from a module of this name. */
export const MEMORIES = 'mayfly:memories';
export const INTERNALS = 'mayfly:internal:';
/** The start of the names of the globals by which the host makes a memory larger and smaller. */
export const GROWTH_EXPORTS: string = `${INTERNALS}growth:`;
/** The global that says what a module may still take of the engine's heap. */
export const HEAP_EXPORT: string = `${INTERNALS}heap`;
export const INTERRUPT = { module: 'mayfly:interrupt', name: 'flag' } as const;

export interface ArtifactOptions {
  readonly host: HostRegistry;
  /** The most pages (64 KiB each) that any linear memory may have. */
  readonly maximumPages: number;
  /** The most elements that all tables of a sandbox may have together. */
  readonly maximumTableElements: number;
  /** Whether to insert the checks that let a watchdog stop the guest. */
  readonly interruptible: boolean;
  /** Where debuggers find sources, when the modules are to be debugged. */
  readonly debug?: DebugSources | undefined;
  /** The components that become one artifact with this one: its dependencies, then its middleware. */
  readonly joined?: readonly Uint8Array[] | undefined;
  /** How they belong together; given when there are any. */
  readonly composition?: Composition | undefined;
}

export interface Artifact {
  readonly plan: Plan;
  /** Whether the file was a core module with nothing of the Component Model in it. */
  readonly isCommand: boolean;
  readonly infos: readonly CoreModuleInfo[];
  /** Bytes of the engine's heap for objects and exceptions that each module which makes any may take. */
  readonly heapShare: number;
  /** The core modules, compiled to start from an image. */
  readonly modules: readonly WebAssembly.Module[];
  /**
   * Gives the modules and imports for instances that are initialised from scratch, in plain memories that `memory`
   * gives.
   */
  initializing(memory: OwnMemory): Pick<InstantiateOptions, 'module' | 'afterStep'>;
}

/** Gives the memory that the core module of a step defines under this index. */
export type OwnMemory = (slot: number, index: number) => WebAssembly.Memory;

/** What is slow to compute from the bytes of core modules, and may therefore be kept in a file. */
export interface PreparedCode {
  /** The facts about each core module, in the order in which linking asks for them. */
  readonly facts: readonly CodeFacts[];
  /** The core modules rewritten to start from an image, in the order of the plan's modules. */
  readonly modules: readonly Uint8Array<ArrayBuffer>[];
  /** The core modules rewritten to initialise themselves; undefined for each that the host can initialise. */
  readonly whole: readonly (Uint8Array<ArrayBuffer> | undefined)[];
}

export async function prepareArtifact(bytes: Uint8Array, options: ArtifactOptions): Promise<Artifact> {
  return (await prepare(bytes, options)).artifact;
}

export async function prepare(
  bytes: Uint8Array,
  options: ArtifactOptions,
): Promise<{ readonly artifact: Artifact; readonly code: PreparedCode }> {
  const linked = linkAll(bytes, options, { decode: decodeValid, readModule: readCoreModule });
  const { plan, infos } = linked;
  const shared = { ...options, maximumTableElements: tableShare(plan, infos, options.maximumTableElements) };
  const heap = heapShare(linked, options.maximumPages);
  plan.modules.forEach((module, index) => {
    if (infos[index]!.allocates) mustBeValid(module);
  });
  const growth = takesBackGrowth(linked, options);
  if (growth) plan.modules.forEach(mustBeValid);
  const rewrite = (index: number, image: boolean): Uint8Array<ArrayBuffer> => {
    const module = plan.modules[index]!;
    const written = rewriteCoreModule(module, infos[index]!, rewriteOptions(shared, heap, { image, growth }));
    return options.debug ? withSourceMap(module, written, options.debug) : written;
  };
  const rewritten = plan.modules.map((_, index) => rewrite(index, true));
  const modules = Promise.all(rewritten.map(compileFully));
  modules.catch(() => undefined); // A rejection that nobody awaits yet would end the process.
  // The engine compiles on other threads while the initializers are made here.
  const initializers = initializersOf(linked);
  const whole = initializers.map((known, index) => (known ? undefined : rewrite(index, false)));
  const compiledWhole = Promise.all(whole.map((module) => module && compileFully(module)));
  const [compiled, other] = await Promise.all([modules, compiledWhole]);
  const artifact = artifactOf(linked, heap, { initializers, modules: compiled, whole: other });
  return { artifact, code: { facts: linked.facts, modules: rewritten, whole } };
}

/**
 * Makes the same artifact from what `prepare` made of these bytes with these options before; the code of the core
 * modules is not read again. It links while `code` is still being read. Rejects when the parts do not belong together:
 * the caller must then prepare the component afresh.
 */
export async function restoreArtifact(
  bytes: Uint8Array,
  options: ArtifactOptions,
  facts: readonly CodeFacts[],
  code: Promise<Pick<PreparedCode, 'modules' | 'whole'>>,
): Promise<Artifact> {
  const left = [...facts];
  const readModule = (module: Uint8Array): CoreModuleInfo => {
    const next = left.shift();
    if (next === undefined) throw new MayflyError('internal', 'There are more core modules than were prepared');
    return readCodelessModule(module, next);
  };
  const linked = linkAll(bytes, options, { decode: decodeComponent, readModule });
  const { modules, whole } = await code;
  const { length } = linked.plan.modules;
  if (left.length > 0 || modules.length !== length || whole.length !== length) {
    throw new MayflyError('internal', 'There are other core modules than were prepared');
  }
  const compiled = modules.map(compileKnown);
  const compiledWhole = whole.map((module) => module && compileKnown(module));
  const heap = heapShare(linked, options.maximumPages);
  const compiledParts = { initializers: initializersOf(linked), modules: compiled, whole: compiledWhole };
  return artifactOf(linked, heap, compiledParts);
}

interface Linked {
  readonly plan: Plan;
  readonly isCommand: boolean;
  /** What is known of each core module, in the order of the plan's modules. */
  readonly infos: readonly CoreModuleInfo[];
  readonly facts: readonly CodeFacts[];
}

interface Readers {
  readonly decode: (bytes: Uint8Array) => Component;
  readonly readModule: (bytes: Uint8Array) => CoreModuleInfo;
}

function linkAll(bytes: Uint8Array, { joined = [], composition, host }: ArtifactOptions, readers: Readers): Linked {
  const seen = new Map<Uint8Array, CoreModuleInfo>();
  const infoOf = (module: Uint8Array): CoreModuleInfo => {
    const known = seen.get(module) ?? readers.readModule(module);
    seen.set(module, known);
    return known;
  };
  const partOf = (file: Uint8Array): Part =>
    looksLikeCoreModule(file) ? modulePart(file, infoOf(file)) : { kind: 'component', component: readers.decode(file) };
  const options = {
    host,
    moduleImports: (module: Uint8Array) => infoOf(module).imports,
    moduleWeight: (module: Uint8Array) => instantiationWeight(infoOf(module)),
  };
  const plan =
    composition && joined.length > 0
      ? linkComposition(partOf(bytes), joined.map(partOf), composition, options)
      : looksLikeCoreModule(bytes)
        ? linkModule(bytes, infoOf(bytes), host)
        : linkComponent(readers.decode(bytes), options);
  const infos = plan.modules.map(infoOf);
  if (infos.some(({ memories }) => memories.some(({ is64 }) => is64))) {
    throw new MayflyError('component-unsupported', 'The component uses a 64-bit memory');
  }
  return {
    plan,
    isCommand: looksLikeCoreModule(bytes) && isPlainCommand(infoOf(bytes)),
    infos,
    facts: [...seen.values()].map(codeFacts),
  };
}

function initializersOf({ plan, infos }: Linked): (Initializer | undefined)[] {
  return plan.modules.map((module, index) => initializerOf(module, infos[index]!, INTERNALS));
}

function artifactOf(linked: Linked, heapShare: number, compiled: Omit<CompiledParts, 'infos'>): Artifact {
  const { plan, isCommand, infos } = linked;
  const parts = { infos, ...compiled };
  const { modules } = compiled;
  return { plan, isCommand, infos, heapShare, modules, initializing: (memory) => initializing(parts, memory) };
}

/**
 * Links a component once more, and rewrites its core modules as before, to learn where their code went. `fromImage` says
 * in which of their forms they run.
 */
export function locatableModules(bytes: Uint8Array, options: ArtifactOptions, fromImage: boolean): LocatableModule[] {
  if (![bytes, ...(options.joined ?? [])].some(mayHaveDebugInformation)) return [];
  const linked = linkAll(bytes, options, { decode: decodeComponent, readModule: readCoreModule });
  const { plan, infos } = linked;
  const maximumTableElements = tableShare(plan, infos, options.maximumTableElements);
  const heap = heapShare(linked, options.maximumPages);
  const initializers = initializersOf(linked);
  const growth = takesBackGrowth(linked, options);
  return plan.modules.map((module, index) => {
    const image = fromImage || initializers[index] !== undefined;
    const runs = new CopiedRuns();
    const rewriting = rewriteOptions({ ...options, maximumTableElements }, heap, { image, growth });
    rewriteCoreModule(module, infos[index]!, rewriting, runs);
    return { bytes: module, info: infos[index]!, runs };
  });
}

interface CompiledParts {
  readonly infos: readonly CoreModuleInfo[];
  readonly modules: readonly WebAssembly.Module[];
  /**
   * How the host initialises each module; undefined for a module that initialises itself, of which `whole` has the
   * code.
   */
  readonly initializers: readonly (Initializer | undefined)[];
  readonly whole: readonly (WebAssembly.Module | undefined)[];
}

function initializing(
  { infos, modules, initializers, whole }: CompiledParts,
  memory: OwnMemory,
): Pick<InstantiateOptions, 'module' | 'afterStep'> {
  return {
    module: (index) => (whole[index] ?? modules[index]) as WebAssembly.Module,
    afterStep(step, instance) {
      const initializer = initializers[step.module];
      const info = infos[step.module] as CoreModuleInfo;
      if (!initializer) return;
      initialize(initializer, info, step, instance, (index) =>
        info.memories[index]?.imported
          ? (importedValue('memory', index, info, step, instance) as WebAssembly.Memory)
          : memory(step.slot, index),
      );
    },
  };
}

function linkModule(bytes: Uint8Array, info: CoreModuleInfo, host: HostRegistry): Plan {
  if (hasWorld(info)) return linkCoreComponent(bytes, info, host);
  return isOldModule(info) ? linkOldModule(bytes, info, host) : linkCoreCommand(bytes, info, host);
}

function isPlainCommand(info: CoreModuleInfo): boolean {
  return !hasWorld(info) && !isOldModule(info);
}

function modulePart(bytes: Uint8Array, info: CoreModuleInfo): Part {
  if (hasWorld(info)) return { kind: 'module', bytes, info };
  const message =
    'Dependencies, middleware and what they are joined to must be components, or modules made for the world of one';
  throw new MayflyError('component-unsupported', message, {
    hint: 'One of the files is a core module without a world: a command, or one of before components',
  });
}

function decodeValid(bytes: Uint8Array): Component {
  const component = decodeComponent(bytes);
  validateComponent(component);
  return component;
}

/**
 * The number of elements that one table may have, so that all of them together stay within `limit`. Throws
 * `component-over-limit`.
 */
function tableShare(plan: Plan, infos: readonly CoreModuleInfo[], limit: number): number {
  const tables = plan.steps.flatMap(({ module }) => infos[module]!.tables.filter(({ imported }) => !imported));
  const elements = tables.reduce((sum, { min }) => sum + Number(min), 0);
  if (elements > limit) {
    const message = `The tables start with ${elements} elements. Limit reached: table_elements (${limit})`;
    const reached = { name: 'table_elements', value: limit };
    throw new MayflyError('component-over-limit', message, { limit: reached });
  }
  const grows = infos.some((info) => info.usesStateThatCannotBeReset.some((use) => use.instruction === 'table.grow'));
  return grows ? Math.floor(limit / Math.max(1, tables.length)) : limit;
}

/**
 * The most heap that one sandbox may take: several have to fit into the engine's heap, however large their memories may
 * be.
 */
const MOST_HEAP_BYTES = 2 ** 29;
const PAGE = 65_536;

/**
 * Guests may take as much heap as all their linear memories may have, up to a bound; it is shared out among the module
 * instances that take any.
 */
function heapShare({ plan, infos }: Linked, maximumPages: number): number {
  const sharing = plan.steps.filter(({ module }) => infos[module]!.allocates).length;
  return Math.floor(Math.min(MOST_HEAP_BYTES, maximumPages * PAGE) / Math.max(1, sharing));
}

/**
 * Checks the module before it is rewritten: code that was not valid could otherwise name what the rewriter adds to the
 * index spaces.
 */
function mustBeValid(module: Uint8Array): void {
  if (WebAssembly.validate(module as Uint8Array<ArrayBuffer>)) return;
  throw new MayflyError('component-corrupt', 'A core module of the component is not valid');
}

/**
 * Whether the module is a program that may grow its memory: it starts in each request, and then usually does. The host can only
 * take that back where pages beyond a memory's end can be made accessible, as those that are polled. A debugger would look at the
 * buffer of which the host shows itself a part.
 */
function takesBackGrowth({ isCommand, plan, infos }: Linked, { debug }: ArtifactOptions): boolean {
  return isCommand && !debug && plan.steps.length === 1 && infos.every(canTakeBackGrowth) && canPoll();
}

function rewriteOptions(
  options: ArtifactOptions,
  heapBytes: number,
  { image, growth }: { readonly image: boolean; readonly growth: boolean },
): RewriteOptions {
  return {
    ...(growth && { growth: GROWTH_EXPORTS }),
    heap: { exportName: HEAP_EXPORT, bytes: heapBytes },
    importMemories: MEMORIES,
    exportInternals: INTERNALS,
    maximumPages: options.maximumPages,
    maximumTableElements: options.maximumTableElements,
    image,
    ...(options.interruptible ? { interrupt: { ...INTERRUPT, pollAddress: pollAddress(options.maximumPages) } } : {}),
  };
}
