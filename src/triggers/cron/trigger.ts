// The cron trigger: calls a component at the points in time of its expression, as Spin's plugin of that name.
import { parseCron } from '../../app/cron-expression.ts';
import { type LockedApp, triggersOf } from '../../app/locked-app.ts';
import type { LockedCronTrigger } from '../../app/manifest/triggers/cron.ts';
import { logEvent } from '../../telemetry/events.ts';
import { findHandler } from '../find-handler.ts';
import { callHandler } from '../handler-call.ts';
import { InFlight } from '../in-flight.ts';
import { namedTargets } from '../named-targets.ts';
import type { LoadedTarget, RunningTrigger, Trigger, TriggerApp, TriggerType } from '../trigger.ts';
import { follow, type WallClock, wallClock } from './schedule.ts';

/** Ticks of one trigger that are under way at once: Spin bounds them not at all. */
const MOST_AT_ONCE = 16;

const METADATA = 'record{timestamp: u64}';
const RESULT = 'result<_, variant{other(string)}>';

export const cronTrigger: TriggerType = {
  type: 'cron',
  runsInOneWorker: true,
  targets: (app) => namedTargets(app, 'cron'),
  findEntry: ({ plan }) =>
    findHandler(plan, 'handle-cron-event of spin:cron', [
      {
        kind: 'cron',
        interface: undefined,
        version: undefined,
        name: 'handle-cron-event',
        type: `async func(${METADATA}) -> ${RESULT}`,
        orType: `func(${METADATA}) -> ${RESULT}`,
      },
    ]),
  load: (app) => new RunnableCronTrigger(app),
  describe: describeSchedules,
};

export class RunnableCronTrigger implements Trigger {
  readonly #app: TriggerApp;
  readonly #clock: WallClock;
  readonly #ends: (() => void)[] = [];
  readonly #all = new InFlight();

  constructor(app: TriggerApp, clock: WallClock = wallClock) {
    this.#app = app;
    this.#clock = clock;
  }

  async run(): Promise<RunningTrigger> {
    for (const trigger of triggersOf(this.#app.locked, 'cron')) {
      const target = this.#app.find(trigger.component);
      if (!target) continue;
      const own = new Set<Promise<unknown>>();
      const schedule = parseCron(trigger.expression);
      this.#ends.push(follow(schedule, () => this.#tick(trigger, target, own), this.#clock));
    }
    return {};
  }

  async stop(timeoutMs: number): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    await this.#all.end(timeoutMs);
  }

  /** `own` are the ticks of the trigger that are under way. */
  #tick({ expression }: LockedCronTrigger, target: LoadedTarget, own: Set<Promise<unknown>>): void {
    if (own.size >= MOST_AT_ONCE) {
      const text = `The tick of ${expression} is left out: ${own.size} earlier ones are still under way`;
      logEvent(target.log, 'tick-left-out', { name: expression }, text);
      return;
    }
    const timestamp = BigInt(Math.floor(this.#clock.now() / 1000));
    const facts = { cron: expression, scheduledTime: Number(timestamp) * 1000 };
    const forProgram = { payload: new Uint8Array(0), facts };
    const event = { trigger: 'cron', name: expression, params: [{ timestamp }], forProgram };
    const { summary } = this.#app.options;
    const called = callHandler(target, event, { summary, signal: this.#all.signal });
    own.add(called);
    void called.finally(() => own.delete(called));
    this.#all.add(called);
  }
}

function describeSchedules(app: LockedApp): string[] {
  const lines = triggersOf(app, 'cron').map(({ component, expression }) => `  ${component}: ${expression} (UTC)`);
  return lines.length > 0 ? ['Cron Schedules:', ...lines] : [];
}
