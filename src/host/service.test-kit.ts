// Goes from the text of a manifest to calls of a host service, as guests make them: without a guest, a server or a
// socket.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockApp } from '../app/lock.ts';
import type { LockedApp } from '../app/locked-app.ts';
import { defaultRuntimeConfig, type RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import { HostByteBudget } from '../component/types/host-byte-budget.ts';
import { MayflyError } from '../errors.ts';
import { type LogLine, testLog } from '../telemetry/log.test-kit.ts';
import { createOutboundNetwork } from './network/outbound-network.ts';
import type { HostService } from './service.ts';

export interface HarnessOptions {
  readonly runtimeConfig?: Partial<RuntimeConfig>;
  /** The component that calls; by default the first one. */
  readonly component?: string;
  /** The budget of what the host keeps for the guest, by default without a limit. */
  readonly hostBytes?: HostByteBudget;
}

export interface ServiceHarness {
  /** Mistakes of the manifest, or else those that the service reports. When there are any, nothing can be called. */
  readonly problems: readonly MayflyError[];
  readonly log: readonly LogLine[];
  /**
   * Calls a function of an interface by its whole name, such as `fermyon:spin/variables@2.0.0`, and gives its result: a
   * promise where the function takes its time. Fails when a function gives a promise that must not.
   */
  call(interfaceName: string, functionName: string, ...args: unknown[]): unknown;
  /** Ends the request, then unloads the app. */
  close(): Promise<void>;
}

/** The start of a manifest, put before a text that is no whole manifest: its component is then called `guest`. */
const head = `spin_manifest_version = 2
application.name = "test"
[[trigger.http]]
route = "/..."
component = "guest"
`;

/**
 * Makes the harness. `toml` may leave out everything but tables of a manifest; the sources that it names exist, and are
 * empty.
 */
export async function serviceHarness<App, Configured, State>(
  service: HostService<App, Configured, State>,
  toml: string,
  options: HarnessOptions = {},
): Promise<ServiceHarness> {
  const { log, lines } = testLog();
  const problems: MayflyError[] = [];
  const app = await lockText(toml, problems);
  if (!app) return uncallable(problems, lines);

  const runtimeConfig = { ...defaultRuntimeConfig(), ...options.runtimeConfig };
  const network = createOutboundNetwork(runtimeConfig);
  const context = { app, runtimeConfig, network, log, problem: (error: MayflyError) => void problems.push(error) };
  const forApp = (await service.configureApp?.(context)) as App;
  const component = app.components.find(({ id }) => id === (options.component ?? app.components[0]?.id));
  assert.ok(component, `no component ${options.component}`);
  const configured = await service.configureComponent?.({ ...context, component }, forApp);
  const unload = async (): Promise<void> => {
    await service.closeComponent?.(configured as Configured);
    await service.closeApp?.(forApp);
  };
  if (problems.length > 0) return uncallable(problems, lines, unload);

  const ended = new AbortController();
  const hostBytes = options.hostBytes ?? new HostByteBudget();
  const state = service.prepare(configured as Configured, { component, signal: ended.signal, log, hostBytes });
  return {
    problems,
    log: lines,
    call(interfaceName, functionName, ...args) {
      const found = service.interfaces.find((one) => fullName(one) === interfaceName);
      assert.ok(found, `${service.name} has no ${interfaceName}, but ${service.interfaces.map(fullName).join(', ')}`);
      const func = found.functions[functionName];
      assert.ok(func, `${interfaceName} has no function ${functionName}`);
      const result = func.call(state as never, ...(args as never[]));
      assert.ok(func.suspends || !(result instanceof Promise), `${functionName} must not give a promise`);
      return result;
    },
    async close() {
      ended.abort();
      service.finish?.(state);
      await unload();
    },
  };
}

function fullName({ name, version }: { readonly name: string; readonly version: string | undefined }): string {
  return version === undefined ? name : `${name}@${version}`;
}

function uncallable(
  problems: readonly MayflyError[],
  log: readonly LogLine[],
  close = () => Promise.resolve(),
): ServiceHarness {
  const call = (): never => assert.fail(`The app was not loaded: ${problems.map(({ message }) => message).join('; ')}`);
  return { problems, log, call, close };
}

/** Locks the app; undefined when the manifest has mistakes, which go to `problems`. */
async function lockText(toml: string, problems: MayflyError[]): Promise<LockedApp | undefined> {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-harness-'));
  try {
    const text = toml.includes('spin_manifest_version') ? toml : head + toml;
    writeFileSync(join(directory, 'spin.toml'), text);
    for (const [, name = ''] of text.matchAll(/^source = "([\w.-]+)"/gm)) writeFileSync(join(directory, name), '');
    return await lockApp(directory);
  } catch (error) {
    if (!(error instanceof MayflyError)) throw error;
    problems.push(...(error.problems.length > 0 ? error.problems : [error]));
    return undefined;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
