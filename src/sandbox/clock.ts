// The clock of guests: it measures how long each request's guest has held the thread, and orders the watchdog to stop
// it. There is one per thread of the process, since one guest runs at a time on a thread.
import type { Activity } from '../component/tasks/activity.ts';
import { Trap } from '../errors.ts';
import { noPollPages } from './interrupt/poll-pages.ts';
import { Lane, Line, type Waiting } from './line.ts';

/** Stops the guest that runs on this thread once its time is up; interrupt/watchdog.ts has the real one. */
export interface Stopper {
  /**
   * Says that the guest which starts now may run for so many milliseconds; `pages` are the addresses of the pages that
   * it polls.
   */
  enter(milliseconds: number, pages: readonly bigint[], now: number): void;
  /** Says that the guest does not run any more. True when it was stopped. */
  leave(): boolean;
}

/** The time limits of one request, in milliseconds. */
export interface TimeLimits {
  readonly cpuSliceMs: number;
  readonly cpuMs: number;
  /** Time since the timer was made. The clock does not end a guest that waits so long; whoever made the timer does. */
  readonly wallMs: number;
}

interface Running {
  readonly timer: Timer;
  /** The guest that called this one, and goes on when this one ends. */
  below: Running | undefined;
}

/**
 * Milliseconds that guests get in one turn of the event loop: when they are used no other guest starts, though the one
 * that runs may finish its slice.
 */
const TURN_MS = 10;
/** Milliseconds that each guest counts as having run at least, since the host has work with it, too. */
const LEAST_MS = 0.03;
/**
 * Milliseconds of a slice that counts as long. After one, the event loop turns until nothing new comes, and the next
 * guest is chosen among all that came: a turn accepts one connection, and reads a request only from connections that
 * were accepted before.
 */
const LONG_MS = 25;
/**
 * After a long slice the event loop turns for at most this part of that slice, plus some milliseconds: a client that
 * keeps sending cannot hold guests up for longer.
 */
const QUIET_PART = 1 / 10;
const QUIET_MS = 2;

/** Counts the events that the event loop has handled so far. */
const eventsOfLoop = (): number => performance.nodeTiming.uvMetricsInfo.events;

export class GuestClock {
  readonly #stopper: Stopper | undefined;
  /**
   * The guest that runs. A list, not an array: what was once in an array of the old generation stays reachable there
   * until a major collection, and drags along everything that its request made (measured: 8 µs a request).
   */
  #running: Running | undefined;
  /**
   * Guests that may start or go on. One does only when no other runs: between a guest's last instruction and the news of
   * it lie some microtasks, in which a second one would run on the time of the first.
   */
  readonly #line = new Line();
  readonly #commonLane = new Lane();
  /** Milliseconds that guests have had in this turn of the event loop. */
  #turnMs = 0;
  /**
   * The time until which, at most, the event loop turns before the next guest starts; 0 when that guest may start in
   * the next turn.
   */
  #quietUntil = 0;
  #events = -1;
  readonly #eventsSoFar: () => number;
  /** Whether a call of the next guest is scheduled, in this turn or after it. */
  #isCalling = false;
  #isTurning = false;

  constructor(stopper: Stopper | undefined, eventsSoFar: () => number = eventsOfLoop) {
    this.#stopper = stopper;
    this.#eventsSoFar = eventsSoFar;
  }

  /** Makes the timer of one request. `lane` is that of the component. */
  timer(limits: TimeLimits, onSuspend: () => void = () => {}, lane: Lane = this.#commonLane): Timer {
    return new Timer(this, limits, onSuspend, lane);
  }

  /** Whether a guest may start right now: none runs, none waits, and this turn of the event loop has time left. */
  get isFree(): boolean {
    return this.#running === undefined && this.#line.size === 0 && this.#turnMs < TURN_MS;
  }

  /** Calls `go` when it is the turn of this timer's request to start; `go` then enters its guest, or does nothing. */
  await(timer: Timer, go: () => void): void {
    this.#wait({ usedMs: timer.usedMs, lane: timer.lane, go });
  }

  /**
   * Says that the guest of this timer starts: it is its turn, or the guest that runs has called it and waits. @internal
   */
  start(timer: Timer): void {
    const below = this.#running;
    if (below) this.#end(below.timer);
    else if (this.#line.size === 0) this.#line.began(timer.lane);
    this.#running = { timer, below };
    this.#begin(timer);
  }

  /** Calls `go` when the guest of this timer may go on, after it has waited. @internal */
  resume(timer: Timer, go: () => void): void {
    if (this.isFree) {
      this.#line.began(timer.lane);
      this.#goOn(timer, go);
    } else this.#wait({ usedMs: timer.usedMs, lane: timer.lane, go: () => this.#goOn(timer, go) });
  }

  /**
   * Gives others their turn between two steps of the guest. True when there are any; the guest then has to wait. Throws
   * when its time is used. @internal
   */
  pause(timer: Timer): boolean {
    const head = this.#running;
    if (head?.timer !== timer) return true;
    this.#end(timer);
    // A step of microseconds costs the host more than that: without this, a guest that only yields outlasts its limit.
    timer.usedMs += LEAST_MS;
    if (!timer.stopped && this.#line.size === 0 && this.#turnMs < TURN_MS) {
      this.#begin(timer);
      return false;
    }
    this.#goOnBelow(head);
    // A step without a check in its code does not notice that it is stopped.
    if (timer.stopped) throw new Trap('The guest has used its time');
    return true;
  }

  /** Says that the guest of this timer waits or has ended. @internal */
  stop(timer: Timer): void {
    const head = this.#running;
    if (head?.timer !== timer) {
      removeBelow(head, timer);
      return;
    }
    this.#end(timer);
    this.#goOnBelow(head);
  }

  #goOnBelow({ below }: Running): void {
    this.#running = below;
    if (below) this.#begin(below.timer);
    else if (this.#line.size > 0) this.#call();
  }

  #goOn(timer: Timer, go: () => void): void {
    if (!timer.isOver) {
      this.#running = { timer, below: undefined };
      this.#begin(timer);
    }
    go();
  }

  #wait(waiting: Waiting): void {
    this.#line.add(waiting);
    // A guest that counts as running may never say that it ended, so in the next turn it does not count any more.
    if (this.#running) this.#afterTurn();
    else this.#call();
  }

  #call(): void {
    if (this.#turnMs >= TURN_MS) this.#afterTurn();
    else if (!this.#isCalling) {
      this.#isCalling = true;
      queueMicrotask(this.#callAfterMicrotasks);
    }
  }

  /**
   * The next guest is called after the microtasks, when the answer of the guest before is on its way: no answer waits
   * for the next guest's slice.
   */
  readonly #callAfterMicrotasks = (): void => process.nextTick(this.#letIn);

  readonly #letIn = (): void => {
    this.#isCalling = false;
    while (!this.#running && this.#turnMs < TURN_MS) {
      const next = this.#line.next();
      if (!next) return;
      this.#turnMs += LEAST_MS;
      next.go();
    }
    if (this.#line.size > 0) this.#afterTurn();
  };

  #afterTurn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(this.#newTurn);
  }

  /** No guest can be running in a new turn of the event loop: one that counts as running never said that it ended. */
  readonly #newTurn = (): void => {
    this.#isTurning = false;
    const head = this.#running;
    this.#running = undefined;
    if (head) this.#end(head.timer);
    if (this.#quietUntil > 0 && !this.#isQuiet()) {
      this.#afterTurn();
      return;
    }
    this.#quietUntil = 0;
    this.#turnMs = 0;
    this.#letIn();
  };

  /** Whether nothing came in the turn that is over, or the wait has taken too long. */
  #isQuiet(): boolean {
    const before = this.#events;
    this.#events = this.#eventsSoFar();
    return this.#events === before || performance.now() > this.#quietUntil;
  }

  #begin(timer: Timer): void {
    const now = performance.now();
    timer.startedAt = now;
    this.#stopper?.enter(timer.allowance(now), timer.pollPages, now);
  }

  #end(timer: Timer): void {
    const now = performance.now();
    const ms = now - timer.startedAt;
    timer.usedMs += ms;
    timer.lane.served(ms);
    if (this.#stopper?.leave()) timer.stopped = true;
    this.#turnMs += ms + LEAST_MS;
    if (ms > LONG_MS) {
      this.#quietUntil = now + ms * QUIET_PART + QUIET_MS;
      this.#events = -1;
    }
    if (this.#turnMs >= TURN_MS) this.#afterTurn();
  }
}

function removeBelow(head: Running | undefined, timer: Timer): void {
  for (let one = head; one; one = one.below) if (one.below?.timer === timer) one.below = one.below.below;
}

/** The time of one request. */
export class Timer implements Activity {
  /** Milliseconds in which the request's guest had the thread, host functions that it called included. */
  usedMs = 0;
  /** Whether the watchdog stopped the guest. */
  stopped = false;
  /** Whether the request's call has returned. */
  isOver = false;
  /**
   * The addresses of the pages that the guest polls, set as soon as there is a guest; interrupt/poll-pages.ts says what
   * they are.
   */
  pollPages = noPollPages;
  /** The time at which the slice began, as `performance.now()` gave it. @internal */
  startedAt = 0;
  readonly createdAt: number = performance.now();
  readonly limits: TimeLimits;
  /** The queue of the component. @internal */
  readonly lane: Lane;
  readonly #clock: GuestClock;
  readonly #onSuspend: () => void;

  constructor(clock: GuestClock, limits: TimeLimits, onSuspend: () => void, lane: Lane) {
    this.#clock = clock;
    this.limits = limits;
    this.#onSuspend = onSuspend;
    this.lane = lane;
  }

  /** Milliseconds that a slice which starts now may take. */
  allowance(now: number): number {
    if (this.stopped) return 0;
    const { cpuSliceMs, cpuMs, wallMs } = this.limits;
    return Math.max(0, Math.min(cpuSliceMs, cpuMs - this.usedMs, wallMs - (now - this.createdAt)));
  }

  /** The limit that a guest met when it was stopped. */
  get limitReached(): 'cpu' | 'wall' | 'cpu_slice' {
    if (this.usedMs >= this.limits.cpuMs) return 'cpu';
    return performance.now() - this.createdAt >= this.limits.wallMs ? 'wall' : 'cpu_slice';
  }

  enter(): void {
    this.isOver = false;
    this.#clock.start(this);
  }

  tryEnter(): boolean {
    if (!this.#clock.isFree) return false;
    this.enter();
    return true;
  }

  resume(go: () => void = () => {}): void {
    this.#clock.resume(this, go);
  }

  pause(): boolean {
    return this.#clock.pause(this);
  }

  suspend(): void {
    this.#clock.stop(this);
    if (!this.isOver) this.#onSuspend();
  }

  made(): void {
    this.#clock.stop(this);
  }

  leave(): void {
    this.isOver = true;
    this.#clock.stop(this);
  }
}
