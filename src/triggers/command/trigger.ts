// The command trigger: runs the main function of components once, one after the other. The app ends with the last of them,
// or with the first that fails.
import { triggersOf } from '../../app/locked-app.ts';
import { messageOf } from '../../errors.ts';
import { RUN_TYPE, RUN_TYPE_03 } from '../../host/wasi/http/handler-types.ts';
import { emptyInputStream } from '../../host/wasi/io/source-stream.ts';
import { wasiStateOf } from '../../host/wasi/state.ts';
import type { GuestExchange } from '../../invocation/exchange.ts';
import { invoke } from '../../invocation/invocation.ts';
import type { Outcome, RequestContext } from '../../sandbox/request-context.ts';
import { logEvent } from '../../telemetry/events.ts';
import { findHandler } from '../find-handler.ts';
import { InFlight } from '../in-flight.ts';
import { namedTargets } from '../named-targets.ts';
import type { LoadedTarget, RunningTrigger, Trigger, TriggerApp, TriggerType } from '../trigger.ts';
import { streamOutput } from './output.ts';

const run = { kind: 'command', interface: 'wasi:cli/run', name: 'run' } as const;

export const commandTrigger: TriggerType = {
  type: 'command',
  runsInOneWorker: true,
  targets: (app) => namedTargets(app, 'command'),
  findEntry({ plan, isCommand }) {
    const wanted = [
      { ...run, version: '0.3.0', type: RUN_TYPE_03 },
      { ...run, version: '0.2.0', type: RUN_TYPE },
    ];
    const { func } = findHandler(plan, 'wasi:cli/run, which a command has', wanted);
    return { func, command: { reusableAfterExit: isCommand } };
  },
  load: (app) => new RunnableCommandTrigger(app),
  // A command waits for nothing, and its own output is all that stdout has.
  describe: () => [],
};

class RunnableCommandTrigger implements Trigger {
  readonly #app: TriggerApp;
  readonly #inFlight = new InFlight();
  #isStopped = false;

  constructor(app: TriggerApp) {
    this.#app = app;
  }

  async run(): Promise<RunningTrigger> {
    const ended = this.#runAll();
    this.#inFlight.add(ended);
    return { ended };
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#isStopped = true;
    await this.#inFlight.end(timeoutMs);
  }

  async #runAll(): Promise<number> {
    for (const { component } of triggersOf(this.#app.locked, 'command')) {
      const target = this.#app.find(component);
      if (!target || this.#isStopped) continue;
      const code = await this.#runOne(target);
      if (code !== 0) return code;
    }
    return 0;
  }

  /** Gives the exit code: 1 for a command that traps or is stopped. */
  async #runOne(target: LoadedTarget): Promise<number> {
    const { component } = target.guest;
    const { arguments: given = [], stdout } = this.#app.options;
    const begin = (context: RequestContext): CommandExchange => {
      const state = wasiStateOf(context);
      if (state) {
        state.command = {
          // The name of the program comes first; Spin gives the component's.
          arguments: [component, ...given],
          environment: [],
          stdin: emptyInputStream,
          stdout: stdout && streamOutput(stdout),
        };
      }
      return new CommandExchange();
    };
    try {
      const caller = { signal: this.#inFlight.signal };
      return await invoke({ ...target.guest, ...target.entry }, undefined, caller, begin);
    } catch (error) {
      logEvent(target.log, 'event-failed', { trigger: 'command', name: component, err: error }, messageOf(error));
      return 1;
    }
  }
}

/** The response is the exit code. */
class CommandExchange implements GuestExchange<number> {
  readonly params: readonly unknown[] = [];
  readonly #ended = Promise.withResolvers<number>();

  get response(): Promise<number> {
    return this.#ended.promise;
  }

  end({ error, exitCode }: Outcome): void {
    if (error) this.#ended.reject(error);
    else this.#ended.resolve(exitCode);
  }
}
