// What is called and what comes of it, in terms that triggers and invocations share. What an event is (a request over
// HTTP, a message, a point in time) is not known here.
import type { LiftedFunction } from '../component/canon/plan.ts';
import type { MayflyError } from '../errors.ts';
import type { GuestClock } from '../sandbox/clock.ts';
import type { SandboxLimits } from '../sandbox/limits.ts';
import type { Lane } from '../sandbox/line.ts';
import type { SandboxPool } from '../sandbox/pool.ts';
import type { Outcome, RequestContext } from '../sandbox/request-context.ts';
import type { Locate } from '../sandbox/source-lines/locate.ts';
import type { EventIdentity } from '../telemetry/event-identity.ts';
import type { Times, Usage } from '../telemetry/usage.ts';

/** A component that is loaded: whoever calls it gets its sandboxes from here. */
export interface Guest {
  /** Says what to change, so that the component may have more of what its guest had too little of. */
  readonly mend?: ((error: MayflyError, memoryBytes: number) => string | undefined) | undefined;
  /** The id of the component. */
  readonly component: string;
  /** Gives lines of source for places in the guest's code. */
  readonly locate?: Locate | undefined;
  readonly pool: Pick<SandboxPool, 'acquire' | 'release'> & Partial<Pick<SandboxPool, 'abandon'>>;
  readonly clock: GuestClock;
  /** The queue of the component's requests that wait for the thread. */
  readonly lane?: Lane | undefined;
  readonly limits: SandboxLimits;
  /** Makes what the host keeps for an event. */
  makeContext(identity?: EventIdentity, event?: unknown): RequestContext;
}

/** The function of a guest that a trigger calls. */
export interface Entry {
  readonly func: LiftedFunction;
  /** Set for a function that runs a program, which may end itself with any exit code. */
  readonly command?: CommandOptions | undefined;
}

export interface CommandOptions {
  /**
   * Whether a sandbox whose guest exited can be used again, as if the guest had returned: nothing of the host was in
   * the middle of it.
   */
  readonly reusableAfterExit: boolean;
}

/** A function of a guest as a trigger calls it, with what the trigger wants to know of each call. */
export interface Callee<Event, Response> extends Guest, Entry {
  /** Gives what is known of an event beside its contents. */
  readonly identityOf?: ((event: Event) => EventIdentity | undefined) | undefined;
  /** Called with what a guest used once it has ended; set when somebody wants to know. */
  readonly onEnd?: ((event: Event, usage: Usage) => void) | undefined;
  /**
   * Called with the response before it goes out, and with what it took; the response that it returns goes out.
   */
  readonly onResponse?: ((response: Response, answered: Answered) => Response) | undefined;
}

/** What is known of an invocation when its response is there. */
export interface Answered extends Times, Pick<Usage, 'isNew'> {}

/** The one who waits for the response. */
export interface Caller {
  /** Aborted when nobody waits any more. It may be a getter that makes the signal on first use. */
  readonly signal?: AbortSignal | undefined;
}

/** What a guest is called with for one event, and the response it gives. */
export interface GuestExchange<Response> {
  readonly params: readonly unknown[];
  readonly response: Promise<Response>;
  /** Called when the function gives its result and goes on: it may still fail. */
  gave?(result: unknown): void;
  /** Called when the function has returned; its task may go on. */
  returned?(result: unknown): void;
  end(outcome: Outcome): void;
}

/** Makes the exchange once there is a sandbox. `context` has the states of the host services that the guest uses. */
export type BeginExchange<Event, Response> = (context: RequestContext, event: Event) => GuestExchange<Response>;
