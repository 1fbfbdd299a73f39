// What may stand around the crossing of an app, where its guests call the host: it records what crosses, or plays it.
import type { LockedComponent } from '../app/locked-app.ts';
import type { LockedMiddleware } from '../app/locked-file.ts';
import type { HostService } from '../host/service.ts';
import type { Guest } from '../invocation/exchange.ts';
import type { RequestContext } from '../sandbox/request-context.ts';
import type { Logger } from '../telemetry/log.ts';
import type { AroundHandlers } from '../triggers/trigger.ts';
import type { Head } from './format.ts';

export type ContextParts = ConstructorParameters<typeof RequestContext<LockedComponent>>;

/** A component when it is loaded. */
export interface CrossedComponent {
  readonly component: LockedComponent;
  readonly middleware: readonly LockedMiddleware[];
  /** SHA-256 of all files that it was made of. */
  readonly digest: string;
  readonly limits: Head['component']['limits'];
  /** Whether it has threads that go on while a call waits. */
  readonly hasTasks: boolean;
  /** What it has that keeps its requests from being played again, in words; undefined when there is nothing. */
  readonly obstacle: string | undefined;
  readonly log: Logger;
}

export interface Crossing extends AroundHandlers {
  /** Tells engines that are prepared for this app from those for others. */
  readonly variant: string;
  /** Gives the service that is offered in the place of one. */
  service(service: HostService): HostService;
  /**
   * Called when a component is made ready: programs call the host when they are evaluated. Gives a function that makes what
   * the host keeps meanwhile.
   */
  start(componentId: string): (...given: ContextParts) => RequestContext<LockedComponent>;
  /** Makes what the host keeps for an event. */
  context(event: unknown, ...given: ContextParts): RequestContext<LockedComponent>;
  /** Called for each component that was loaded. */
  loaded(guest: Guest, component: CrossedComponent): void;
  /** Called when the app is closed; resolves when nothing is left to be done. */
  close?(): Promise<void>;
}
