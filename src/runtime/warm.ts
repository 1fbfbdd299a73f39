// Warm-up: a component answers events before its image is taken, so that sandboxes start with caches filled. It is
// refused whatever reaches beyond the event: it then has no permissions, and its log is silent.
import type { LockedComponent } from '../app/locked-app.ts';
import type { Instance } from '../component/canon/instance.ts';
import { messageOf } from '../errors.ts';
import type { Guest } from '../invocation/exchange.ts';
import { inGivenSandbox } from '../invocation/given-sandbox.ts';
import type { Artifact } from '../sandbox/artifact.ts';
import { createFactory, type FactoryOptions, type SandboxFactory } from '../sandbox/factory.ts';
import type { NoImage } from '../sandbox/image.ts';
import { RequestContext, type ServiceBinding } from '../sandbox/request-context.ts';
import { Sandbox } from '../sandbox/sandbox.ts';
import { silentLog } from '../telemetry/log.ts';
import type { WarmAnswer } from '../triggers/trigger.ts';

export function withoutPermissions(component: LockedComponent): LockedComponent {
  return {
    ...component,
    allowedOutboundHosts: [],
    keyValueStores: [],
    sqliteDatabases: [],
    aiModels: [],
    settings: { ...component.settings, writableFiles: false },
  };
}

export interface WarmOptions {
  /** The guest without its sandboxes, which do not exist yet. */
  readonly guest: Omit<Guest, 'pool' | 'makeContext'>;
  /** Makes the guest answer for one of the paths. */
  readonly answer: (guest: Guest, path: string) => Promise<WarmAnswer>;
  /** The services, bound to the component without permissions. */
  readonly bindings: readonly ServiceBinding<LockedComponent>[];
  readonly restricted: LockedComponent;
  /** The number of the configuration of the part that is called. */
  readonly entry: number;
}

/**
 * Makes a factory whose image was taken after the events for `paths`. Whether the component can serve more than one
 * request is tried out: some runtimes keep handles of their first request for good, and each sandbox would start with
 * them.
 */
export async function warmFactory(
  artifact: Artifact,
  basics: FactoryOptions,
  paths: readonly string[],
  options: WarmOptions,
): Promise<{ readonly factory: SandboxFactory } | NoImage> {
  const warm = (instance: Instance, pollPages: readonly bigint[]): Promise<void> =>
    warmUp({ instance, pollPages }, paths, options);
  const factory = await createFactory(artifact, { ...basics, preinitialize: undefined, warm });
  if (factory.reason !== undefined) return { reason: factory.reason };
  const sandbox = factory.make(contextOf(options));
  try {
    await warm(sandbox.instance, sandbox.pollPages);
    return { factory };
  } catch (error) {
    factory.close();
    return { reason: `it cannot answer again after its warm-up: ${messageOf(error)}` };
  } finally {
    sandbox.discard();
  }
}

function contextOf({ guest, bindings, restricted, entry }: WarmOptions): RequestContext<LockedComponent> {
  return new RequestContext(restricted, bindings, silentLog, guest.limits.heldBytes, entry);
}

type Started = Pick<Sandbox, 'instance' | 'pollPages'>;

/** Sends the events. Rejects when one is not answered well: then there is no such image. */
async function warmUp(started: Started, paths: readonly string[], options: WarmOptions): Promise<void> {
  for (const path of paths) await answer(started, path, options);
}

async function answer({ instance, pollPages }: Started, path: string, options: WarmOptions): Promise<void> {
  const sandbox = new Sandbox(instance, pollPages, undefined);
  const guest = { ...options.guest, makeContext: () => contextOf(options) };
  const { result, isHealthy } = await inGivenSandbox(sandbox, guest, (one) => options.answer(one, path));
  if (!isHealthy || result.isFailure) throw new Error(result.words);
}
