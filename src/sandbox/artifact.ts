// A component made ready to run: decoded, validated, linked, its core modules rewritten and compiled. Once per file.
// A core module that is a command, or was made for a world, is linked as if it were a component.
import { decodeComponent } from '../component/binary/decode.ts';
import { looksLikeCoreModule } from '../component/binary/preamble.ts';
import { linkCoreCommand } from '../component/link/core-command.ts';
import { linkCoreComponent } from '../component/link/core-component.ts';
import { hasWorld } from '../component/link/core-module-kind.ts';
import type { HostRegistry } from '../component/link/host-registry.ts';
import { linkComponent } from '../component/link/link.ts';
import type { Plan } from '../component/link/plan.ts';
import type { CoreModuleInfo } from '../component/rewrite/core-module.ts';
import { readCoreModule } from '../component/rewrite/read-core-module.ts';
import { rewriteCoreModule } from '../component/rewrite/rewrite-core-module.ts';
import type { RewriteOptions } from '../component/rewrite/rewrite-options.ts';
import { validateComponent } from '../component/validate/validate.ts';
import { MayflyError, messageOf } from '../errors.ts';

/** Names that the rewriter gives to what it adds; no guest can import from a module of this name. */
export const MEMORIES = 'mayfly:memories';
export const INTERNALS = 'mayfly:internal:';
export const INTERRUPT = { module: 'mayfly:interrupt', name: 'flag' } as const;

export interface ArtifactOptions {
  readonly host: HostRegistry;
  /** Cap of every linear memory, in pages of 64 KiB. */
  readonly maximumPages: number;
  readonly maximumTableElements: number;
  /** Insert the checks that let a watchdog stop the guest. */
  readonly interruptible: boolean;
}

export interface Artifact {
  readonly plan: Plan;
  /** It was a core module with nothing of the Component Model in it. */
  readonly isCommand: boolean;
  readonly infos: readonly CoreModuleInfo[];
  /** Compiled to be initialised: with start functions and data segments. */
  readonly modules: readonly WebAssembly.Module[];
  /** Compiled to start from an image. Made on first use, since a component that has none never needs them. */
  imageModules(): Promise<readonly WebAssembly.Module[]>;
}

export async function prepareArtifact(bytes: Uint8Array, options: ArtifactOptions): Promise<Artifact> {
  const infos = new Map<Uint8Array, CoreModuleInfo>();
  const infoOf = (module: Uint8Array): CoreModuleInfo => {
    const known = infos.get(module) ?? readCoreModule(module);
    infos.set(module, known);
    return known;
  };
  const plan = link(bytes, options.host, infoOf);
  const ordered = plan.modules.map(infoOf);
  if (ordered.some(({ memories }) => memories.some(({ is64 }) => is64))) {
    throw new MayflyError('component-unsupported', 'The component uses a 64-bit memory');
  }
  const compile = (image: boolean): Promise<WebAssembly.Module[]> =>
    Promise.all(plan.modules.map((module, index) => compileCore(module, ordered[index]!, options, image)));
  let imageModules: Promise<readonly WebAssembly.Module[]> | undefined;
  return {
    plan,
    isCommand: looksLikeCoreModule(bytes) && !hasWorld(infoOf(bytes)),
    infos: ordered,
    modules: await compile(false),
    imageModules: () => (imageModules ??= compile(true)),
  };
}

function link(bytes: Uint8Array, host: HostRegistry, infoOf: (module: Uint8Array) => CoreModuleInfo): Plan {
  if (looksLikeCoreModule(bytes)) {
    const info = infoOf(bytes);
    return hasWorld(info) ? linkCoreComponent(bytes, info, host) : linkCoreCommand(bytes, info, host);
  }
  const component = decodeComponent(bytes);
  validateComponent(component);
  return linkComponent(component, { host, moduleImports: (module) => infoOf(module).imports });
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
