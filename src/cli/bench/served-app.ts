// The process that serves the app of `mayfly bench`, with a meter around it. It says by messages where it serves, and, when it is
// asked, what requests cost since it was last asked.
import type { LockedApp } from '../../app/locked-app.ts';
import { messageOf } from '../../errors.ts';
import { Meter, type MeterReading } from '../../runtime/meter.ts';
import { describeTriggersAsData, type SandboxUse, startApp } from '../../runtime.ts';
import type { Logger } from '../../telemetry/log.ts';
import { toWire, type WireError } from '../../workers/messages.ts';
import { setUpServingProcess } from '../serving-process.ts';
import { lockToServe, runtimeConfigOf, startData, startOptions, type UpOptions } from '../up-options.ts';

export interface ServedRoute {
  /** The component behind it. */
  readonly id: string;
  readonly path: string;
}

export interface Serving {
  readonly name: string;
  readonly url: string;
  readonly routes: readonly ServedRoute[];
}

/** What requests cost since it was last asked; sandboxes are counted since the start. */
export interface Account extends MeterReading {
  /** CPU time of all threads, in milliseconds. */
  readonly cpuMs: number;
  /** Bytes of the process that are in memory now. */
  readonly residentBytes: number;
  readonly sandboxes: SandboxUse;
  /** Why the first request failed that did. */
  readonly failure?: string | undefined;
}

export interface Told {
  readonly serving?: Serving;
  readonly account?: Account;
  readonly failure?: WireError;
}

process.once('message', (options: UpOptions) => void serve(options));
// A terminal sends it to all processes; the command says what is done.
process.on('SIGINT', () => {});
// The command has ended, in whatever way.
process.on('disconnect', () => process.exit());

async function serve(options: UpOptions): Promise<void> {
  try {
    setUpServingProcess();
    const runtimeConfig = runtimeConfigOf(options);
    const locked = await lockToServe(options, runtimeConfig);
    const meter = new Meter();
    const failures = new FirstFailure();
    const start = { ...startOptions(options, runtimeConfig), ...startData(options), log: failures.log, meter };
    const app = await startApp(locked, start);
    let cpu = process.cpuUsage();
    process.on('message', () => {
      const { user, system } = process.cpuUsage(cpu);
      cpu = process.cpuUsage();
      const residentBytes = process.memoryUsage.rss();
      tell({
        account: {
          ...meter.take(),
          cpuMs: (user + system) / 1000,
          residentBytes,
          sandboxes: app.sandboxes(),
          failure: failures.take(),
        },
      });
    });
    tell({ serving: { name: locked.name, url: app.url, routes: routesOf(locked, app.url) } });
  } catch (error) {
    tell({ failure: toWire(error) });
  }
}

/** A log that keeps why the first request failed: thousands may fail in a second, of one reason. */
class FirstFailure {
  #error: string | undefined;
  /** A program says what it threw on its stderr, and answers. */
  #line: string | undefined;
  readonly log: Logger = {
    debug() {},
    info: (...given: unknown[]) => {
      const [fields, text] = given as [{ stream?: string }, string];
      if (fields.stream === 'stderr') this.#line ??= text;
    },
    warn() {},
    error: (...given: unknown[]) => {
      const [{ err }, text] = given as [{ err?: unknown }, string];
      this.#error ??= err === undefined ? text : `${text}: ${messageOf(err)}`;
    },
    child: () => this.log as never,
  };

  take(): string | undefined {
    const first = this.#error ?? this.#line;
    this.#error = undefined;
    this.#line = undefined;
    return first;
  }
}

function routesOf(locked: LockedApp, url: string): ServedRoute[] {
  const { routes = [] } = describeTriggersAsData(locked, url) as { routes?: { id: string; route: string }[] };
  return routes.map(({ id, route }) => ({ id, path: route }));
}

function tell(message: Told): void {
  process.send?.(message);
}
