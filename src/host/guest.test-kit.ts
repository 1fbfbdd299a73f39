// A guest of the service, for tests: calls the functions of its interfaces as the component runtime does.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { LockedComponent } from '../app/locked-app.ts';
import { defaultRuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import { HostByteBudget } from '../component/types/host-byte-budget.ts';
import type { ProducedStream, StreamChunk, StreamWriter } from '../component/types/streams.ts';
import { silentLog } from '../telemetry/log.ts';
import { createOutboundNetwork } from './network/outbound-network.ts';
import type { ComponentContext, HostService } from './service.ts';

export interface TestGuest {
  readonly hostBytes: HostByteBudget;
  /** `path`: interface with version, and function. Gives what the guest gets, which it has its copy of. */
  call(path: string, ...args: unknown[]): Promise<unknown>;
  /** The guest drops a handle of this kind. */
  drop(interfaceName: string, resource: string, object: unknown): void;
  /** The request is over. */
  end(): void;
}

export interface TestComponent {
  readonly warnings: string[];
  /** A request in a sandbox of its own; `heldBytes`: what the host may keep for it. */
  request(heldBytes?: number): TestGuest;
  close(): Promise<void>;
}

export async function componentOf<App, Configured, State>(
  service: HostService<App, Configured, State>,
  allowedOutboundHosts: readonly string[],
): Promise<TestComponent> {
  const warnings: string[] = [];
  const log = Object.assign(Object.create(silentLog), {
    warn: (_: unknown, message: string) => warnings.push(message),
  });
  const component = { id: 'hello', allowedOutboundHosts } as unknown as LockedComponent;
  const problem = (error: Error): never => assert.fail(error);
  const runtimeConfig = defaultRuntimeConfig();
  const network = createOutboundNetwork(runtimeConfig);
  const context = { component, runtimeConfig, network, log, problem } as unknown as ComponentContext;
  const kept = (await service.configureApp?.(context)) as App;
  const configured = await service.configureComponent(context, kept);
  const interfaces = new Map(
    service.interfaces.map((one) => [one.version === undefined ? one.name : `${one.name}@${one.version}`, one]),
  );
  return {
    warnings,
    request(heldBytes) {
      const controller = new AbortController();
      const hostBytes = new HostByteBudget(heldBytes);
      const state = service.prepare(configured, { component, log, signal: controller.signal, hostBytes });
      return {
        hostBytes,
        async call(path, ...args) {
          const [interfaceName = '', name = ''] = path.split(' ');
          const func = interfaces.get(interfaceName)?.functions[name] ?? assert.fail(path);
          const result = await func.call(state as never, ...(args as never[]));
          func.lowered?.(result as never, ...(args as never[]));
          return result;
        },
        drop: (interfaceName, resource, object) =>
          interfaces.get(interfaceName)?.resources[resource]?.drop?.(state as never, object as never),
        end() {
          controller.abort(new Error('the request is over'));
          service.finish?.(state);
        },
      };
    },
    close: async () => service.closeComponent?.(configured),
  };
}

/** The value of a result that is no error. */
export function okOf<T>(result: unknown): T {
  const { tag, val } = result as { tag: string; val: T };
  assert.equal(tag, 'ok', inspect(val));
  return val;
}

/** The error of a result. */
export function errOf<T = { tag: string; val: string }>(result: unknown): T {
  const { tag, val } = result as { tag: string; val: T };
  assert.equal(tag, 'err', inspect(val));
  return val;
}

/** Takes `most` pieces, then drops the stream. */
export async function readAll<T>(stream: ProducedStream<T>, most = Number.POSITIVE_INFINITY): Promise<T[]> {
  const found: T[] = [];
  const end = Promise.withResolvers<void>();
  let room = most;
  const writer = {
    dropped: false,
    async write(chunk: StreamChunk<T>) {
      found.push(...Array.from(chunk));
      room -= 1;
      if (room <= 0) writer.dropped = true;
      return chunk.length;
    },
    close: end.resolve,
  };
  stream.produce(writer as unknown as StreamWriter<T>);
  await end.promise;
  return found;
}
