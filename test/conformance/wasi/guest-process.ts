// A guest of wasi-testsuite while it runs: a command in a sandbox of its own, with its output held in memory.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { lockedApp, lockedComponent } from '../../../src/app/locked-app.test-kit.ts';
import type { LockedComponent } from '../../../src/app/locked-app.ts';
import { defaultRuntimeConfig } from '../../../src/app/runtime-config/runtime-config.ts';
import { findExport } from '../../../src/component/link/find-export.ts';
import { HostRegistry } from '../../../src/component/link/host-registry.ts';
import { GuestExit, MayflyError } from '../../../src/errors.ts';
import { createOutboundNetwork } from '../../../src/host/network/outbound-network.ts';
import { Pipe } from '../../../src/host/wasi/io/pipe.ts';
import type { OutputStream } from '../../../src/host/wasi/io/streams.ts';
import { createWasiService } from '../../../src/host/wasi/service.ts';
import { INTERRUPT, prepareArtifact } from '../../../src/sandbox/artifact.ts';
import { describeFailure } from '../../../src/sandbox/describe-failure.ts';
import { createFactory } from '../../../src/sandbox/factory.ts';
import { RequestContext } from '../../../src/sandbox/request-context.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import type { RunOperation } from './specification.ts';

export interface GuestProcess {
  /** The exit code; that of an abort when the guest trapped, whose reason is then the end of its stderr. */
  readonly exited: Promise<number>;
  /** All that it has printed so far. */
  output(stream: 'stdout' | 'stderr'): string;
  write(text: string): void;
  closeStdin(): void;
}

/** Sockets of this machine, and names that lead to it or nowhere: what the suite needs. */
const anyNetwork = { allows: () => true, allowsName: () => true };

/** `root`: absolute path of a folder that is the guest's `/`, and that it may change. */
export async function startCommand(
  path: string,
  { args = [], env = {} }: RunOperation,
  root: string | undefined,
): Promise<GuestProcess> {
  const printed = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const stdin = new Pipe();
  const service = createWasiService({
    arguments: () => [basename(path), ...args],
    socketPolicy: () => anyNetwork,
    stdio: { stdin: () => stdin.input(), stdout: () => collect(printed.stdout), stderr: () => collect(printed.stderr) },
  });
  const component = lockedComponent({
    environment: env,
    files: root === undefined ? [] : [{ kind: 'directory', source: root, destination: '/' }],
    settings: { ...lockedComponent().settings, writableFiles: true },
  });
  const problem = (error: MayflyError): never => {
    throw error;
  };
  const runtimeConfig = defaultRuntimeConfig();
  const app = lockedApp({ components: [component] });
  const configured = await service.configureComponent(
    { app, component, runtimeConfig, network: createOutboundNetwork(runtimeConfig), log: silentLog, problem },
    undefined,
  );
  const artifact = await prepareArtifact(await readFile(path), {
    host: new HostRegistry(service.interfaces, service.coreModules),
    maximumPages: 4096,
    maximumTableElements: 1_000_000,
    interruptible: true,
  });
  const run = ['0.3.0', '0.2.0']
    .map((version) => findExport(artifact.plan, 'wasi:cli/run', version, 'run'))
    .find((one) => one !== undefined);
  if (!run) throw new MayflyError('guest-no-handler', 'It exports no run function');
  const factory = await createFactory(artifact, {
    strategy: 'copy',
    maximumPages: 4096,
    preinitialize: undefined,
    handleLimit: 10_000,
    extraImports: { [INTERRUPT.module]: { [INTERRUPT.name]: flag } },
  } as Parameters<typeof createFactory>[1]);
  const bindings = artifact.plan.services.map((name) => ({
    name,
    prepare: (context: RequestContext<LockedComponent>) => service.prepare(configured, context),
    finish: (state: unknown) => service.finish?.(state as never),
  }));
  const context = new RequestContext(component, bindings, silentLog);
  const sandbox = factory.make(context);
  sandbox.begin(context, undefined);
  const exited = sandbox
    .call(run, [])
    .then(async (result) => {
      await sandbox.finishTasks();
      return result;
    })
    .then(
      (result) => ((result as { tag?: string } | undefined)?.tag === 'err' ? 1 : 0),
      (error: unknown) => exitCodeOf(error, printed.stderr),
    )
    .finally(() => {
      context.finish();
      sandbox.discard();
      factory.close();
    });
  return {
    exited,
    output: (stream) => Buffer.concat(printed[stream]).toString(),
    write: (text) => stdin.write(Buffer.from(text)),
    closeStdin: () => stdin.close(),
  };
}

/** Of code that is checked as in requests, by a watchdog that never bites. */
const flag = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

/** What a shell gives for SIGABRT. */
const ABORTED = 134;

function exitCodeOf(error: unknown, stderr: Uint8Array[]): number {
  if (error instanceof GuestExit) return error.code;
  const { reason, stack } = describeFailure(error);
  stderr.push(Buffer.from(`trapped: ${reason} in ${stack.slice(0, 3).join(' < ')}\n`));
  return ABORTED;
}

function collect(chunks: Uint8Array[]): OutputStream {
  return {
    checkWrite: () => 65_536,
    write: (bytes) => void chunks.push(bytes.slice()),
    flush() {},
    ready: () => undefined,
    close() {},
  };
}
