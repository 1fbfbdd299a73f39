// A component made ready to run: decoded, validated, linked, its core modules rewritten and compiled. Once per file.
// A core module that is a command, or was made for a world, is linked as if it were a component.
import type { Component } from '../component/binary/ast.ts';
import { decodeComponent } from '../component/binary/decode.ts';
import { looksLikeCoreModule } from '../component/binary/preamble.ts';
import { linkCoreCommand } from '../component/link/core-command.ts';
import { linkCoreComponent } from '../component/link/core-component.ts';
import { hasWorld } from '../component/link/core-module-kind.ts';
import type { HostRegistry } from '../component/link/host-registry.ts';
import type { InstantiateOptions } from '../component/link/instance.ts';
import { linkChain, linkComponent } from '../component/link/link.ts';
import type { Plan } from '../component/link/plan.ts';
import type { CoreModuleInfo } from '../component/rewrite/core-module.ts';
import { readCoreModule } from '../component/rewrite/read-core-module.ts';
import { rewriteCoreModule } from '../component/rewrite/rewrite-core-module.ts';
import type { RewriteOptions } from '../component/rewrite/rewrite-options.ts';
import { validateComponent } from '../component/validate/validate.ts';
import { MayflyError, messageOf } from '../errors.ts';
import { type Initializer, importedValue, initialize, initializerOf } from './initialize.ts';

/** Names that the rewriter gives to what it adds; no guest can import from a module of this name. */
export const MEMORIES = 'mayfly:memories';
export const INTERNALS = 'mayfly:internal:';
export const INTERRUPT = { module: 'mayfly:interrupt', name: 'flag' } as const;

export interface ArtifactOptions {
  readonly host: HostRegistry;
  /** Cap of every linear memory, in pages of 64 KiB. */
  readonly maximumPages: number;
  /** Of all tables of a sandbox together. */
  readonly maximumTableElements: number;
  /** Insert the checks that let a watchdog stop the guest. */
  readonly interruptible: boolean;
  /** Components that a request passes before, the first one first: all of them become one artifact. */
  readonly middleware?: readonly Uint8Array[] | undefined;
}

export interface Artifact {
  readonly plan: Plan;
  /** It was a core module with nothing of the Component Model in it. */
  readonly isCommand: boolean;
  readonly infos: readonly CoreModuleInfo[];
  /** Compiled to start from an image. */
  readonly modules: readonly WebAssembly.Module[];
  /** How instances are initialised from scratch, in plain memories that `memory` gives. */
  initializing(memory: OwnMemory): Pick<InstantiateOptions, 'module' | 'afterStep'>;
}

/** The memory that the core module of a step defines under this index. */
export type OwnMemory = (slot: number, index: number) => WebAssembly.Memory;

export async function prepareArtifact(bytes: Uint8Array, options: ArtifactOptions): Promise<Artifact> {
  const infos = new Map<Uint8Array, CoreModuleInfo>();
  const infoOf = (module: Uint8Array): CoreModuleInfo => {
    const known = infos.get(module) ?? readCoreModule(module);
    infos.set(module, known);
    return known;
  };
  const { middleware = [] } = options;
  const plan =
    middleware.length > 0 ? chain([...middleware, bytes], options.host, infoOf) : link(bytes, options.host, infoOf);
  const ordered = plan.modules.map(infoOf);
  if (ordered.some(({ memories }) => memories.some(({ is64 }) => is64))) {
    throw new MayflyError('component-unsupported', 'The component uses a 64-bit memory');
  }
  const shared = { ...options, maximumTableElements: tableShare(plan, ordered, options.maximumTableElements) };
  const initializers = plan.modules.map((module, index) => initializerOf(module, ordered[index]!, INTERNALS));
  const compile = (index: number, image: boolean): Promise<WebAssembly.Module> =>
    compileCore(plan.modules[index]!, ordered[index]!, shared, image);
  // Awaited together: a rejection that nobody awaits yet would end the process.
  const [modules, whole] = await Promise.all([
    Promise.all(plan.modules.map((_, index) => compile(index, true))),
    Promise.all(initializers.map((known, index) => (known ? undefined : compile(index, false)))),
  ]);
  const parts = { infos: ordered, modules, initializers, whole };
  return {
    plan,
    isCommand: looksLikeCoreModule(bytes) && !hasWorld(infoOf(bytes)),
    infos: ordered,
    modules,
    initializing: (memory) => initializing(parts, memory),
  };
}

interface CompiledParts {
  readonly infos: readonly CoreModuleInfo[];
  readonly modules: readonly WebAssembly.Module[];
  /** Undefined where `whole` has a module that initialises itself. */
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

function link(bytes: Uint8Array, host: HostRegistry, infoOf: (module: Uint8Array) => CoreModuleInfo): Plan {
  if (looksLikeCoreModule(bytes)) {
    const info = infoOf(bytes);
    return hasWorld(info) ? linkCoreComponent(bytes, info, host) : linkCoreCommand(bytes, info, host);
  }
  return linkComponent(decoded(bytes), { host, moduleImports: (module) => infoOf(module).imports });
}

function chain(files: readonly Uint8Array[], host: HostRegistry, infoOf: (module: Uint8Array) => CoreModuleInfo): Plan {
  if (files.some(looksLikeCoreModule)) {
    throw new MayflyError('component-unsupported', 'Middleware and the component behind it must be components', {
      hint: 'One of the files is a core module',
    });
  }
  return linkChain(files.map(decoded), { host, moduleImports: (module) => infoOf(module).imports });
}

function decoded(bytes: Uint8Array): Component {
  const component = decodeComponent(bytes);
  validateComponent(component);
  return component;
}

/** What one table may have, so that all of them stay within `limit`. Throws `component-over-limit`. */
function tableShare(plan: Plan, infos: readonly CoreModuleInfo[], limit: number): number {
  const tables = plan.steps.flatMap(({ module }) => infos[module]!.tables.filter(({ imported }) => !imported));
  const elements = tables.reduce((sum, { min }) => sum + Number(min), 0);
  if (elements > limit) {
    const message = `The tables start with ${elements} elements. Limit reached: table_elements (${limit})`;
    throw new MayflyError('component-over-limit', message);
  }
  const grows = infos.some((info) => info.usesStateThatCannotBeReset.some((use) => use.instruction === 'table.grow'));
  return grows ? Math.floor(limit / Math.max(1, tables.length)) : limit;
}

async function compileCore(
  bytes: Uint8Array,
  info: CoreModuleInfo,
  options: ArtifactOptions,
  image: boolean,
): Promise<WebAssembly.Module> {
  const rewritten = rewriteCoreModule(bytes, info, rewriteOptions(options, image));
  try {
    return await WebAssembly.compile(rewritten);
  } catch (cause) {
    const message = `A core module of the component does not compile: ${messageOf(cause)}`;
    throw new MayflyError('component-corrupt', message, { cause });
  }
}

function rewriteOptions(options: ArtifactOptions, image: boolean): RewriteOptions {
  return {
    importMemories: MEMORIES,
    exportInternals: INTERNALS,
    maximumPages: options.maximumPages,
    maximumTableElements: options.maximumTableElements,
    image,
    ...(options.interruptible ? { interrupt: INTERRUPT } : {}),
  };
}
