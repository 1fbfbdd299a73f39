// Warm-up: requests that a component answers before its image is taken, so that sandboxes start with caches filled.
// Whatever reaches beyond the request is refused to it: the component has no permissions then, and its log is silent.
import type { LockedComponent } from '../app/locked-app.ts';
import type { Instance } from '../component/canon/instance.ts';
import { messageOf } from '../errors.ts';
import type { HttpResponse } from '../host/http-message.ts';
import type { Artifact } from '../sandbox/artifact.ts';
import { createFactory, type FactoryOptions, type SandboxFactory } from '../sandbox/factory.ts';
import type { NoImage } from '../sandbox/image.ts';
import { RequestContext, type ServiceBinding } from '../sandbox/request-context.ts';
import { Sandbox } from '../sandbox/sandbox.ts';
import { silentLog } from '../telemetry/log.ts';
import { createHandler, type HandlerOptions } from '../triggers/http/handler.ts';

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

type WarmOptions = Omit<HandlerOptions<LockedComponent>, 'pool' | 'makeContext'> & {
  /** Bound to the component without permissions. */
  readonly bindings: readonly ServiceBinding<LockedComponent>[];
  readonly restricted: LockedComponent;
};

/**
 * A factory whose image was taken after the requests for `paths`. Whether the component can serve more than one request
 * is tried out: some runtimes keep handles of their first request for good, and each sandbox would start with them.
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
  const sandbox = factory.make(
    new RequestContext(options.restricted, options.bindings, silentLog, options.limits.heldBytes),
  );
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

type Guest = Pick<Sandbox, 'instance' | 'pollPages'>;

/** Rejects when a request is not answered, or with a status of 500 or more: then there is no such image. */
async function warmUp(guest: Guest, paths: readonly string[], options: WarmOptions): Promise<void> {
  for (const target of paths) await answer(guest, target, options);
}

async function answer({ instance, pollPages }: Guest, target: string, options: WarmOptions): Promise<void> {
  const sandbox = new Sandbox(instance, pollPages, undefined);
  const ended = Promise.withResolvers<boolean>();
  const handler = createHandler({
    ...options,
    pool: { acquire: () => sandbox, release: (_, healthy) => ended.resolve(healthy) },
    makeContext: () => new RequestContext(options.restricted, options.bindings, silentLog, options.limits.heldBytes),
  });
  const headers = [['host', 'localhost']] as const;
  const request = { method: 'GET', scheme: 'http', authority: 'localhost', target, headers, body: undefined } as const;
  const response = await handler(request, { clientAddress: '127.0.0.1:0' });
  await drain(response);
  const healthy = await ended.promise;
  instance.context = undefined;
  instance.activity = undefined;
  if (!healthy || response.status >= 500) throw new Error(`"${target}" was answered with ${response.status}`);
}

async function drain({ body }: HttpResponse): Promise<void> {
  while (body && (await body.read()) !== undefined);
}
