// Decides which of the waiting guests gets the thread next. Components share it by the time that their guests have
// used, not by the number of their requests: a thousand runaways of one are, to all others, no more than one.

/** Milliseconds that a guest is expected to take when nothing is known yet of its component. */
const UNKNOWN_MS = 100;
/**
 * Where guests are expected to take so many milliseconds, every other one that is let in is the newest, whose client
 * still waits.
 */
const SLOW_MS = 100;
/** A request that has used so many milliseconds stands behind those that have not. */
const USED_MS = 100;
/** The weight of the last guest's time in what is expected of the next. */
const FORGET = 1 / 8;

export interface Waiting {
  /** Milliseconds of the thread that the guest's request has used. */
  readonly usedMs: number;
  readonly lane: Lane;
  go(): void;
}

/** The waiting requests of one component. */
export class Lane {
  /**
   * Milliseconds that this component's guests have had, on the scale of its line: components that had less go first.
   * @internal
   */
  servedMs = 0;
  #expectedMs = UNKNOWN_MS;
  readonly #fresh = new Deque();
  readonly #used = new Deque();
  #usedNext = false;
  #newestNext = false;

  get size(): number {
    return this.#fresh.size + this.#used.size;
  }

  /**
   * The value of `servedMs` after the component's next guest, as expected: short guests are not kept waiting by long
   * ones.
   */
  get expectedEnd(): number {
    return this.servedMs + this.#expectedMs;
  }

  add(waiting: Waiting): void {
    (waiting.usedMs < USED_MS ? this.#fresh : this.#used).push(waiting);
  }

  /** Records that a guest of this component has held the thread for so long. */
  served(ms: number): void {
    this.servedMs += ms;
    const more = ms - this.#expectedMs;
    this.#expectedMs = more > 0 ? ms : this.#expectedMs + more * FORGET;
  }

  take(): Waiting | undefined {
    const used = this.#fresh.size === 0 || (this.#usedNext && this.#used.size > 0);
    this.#usedNext = !used;
    if (used) return this.#used.shift();
    const newest = this.#newestNext && this.#expectedMs > SLOW_MS;
    this.#newestNext = !newest;
    return newest ? this.#fresh.pop() : this.#fresh.shift();
  }
}

/** All lanes in which somebody waits. */
export class Line {
  readonly #lanes = new Set<Lane>();
  size = 0;
  /** How far the components that got the thread are on the scale of `servedMs`. One that comes later starts there. */
  #now = 0;

  add(waiting: Waiting): void {
    const { lane } = waiting;
    if (lane.size === 0) {
      lane.servedMs = Math.max(lane.servedMs, this.#now);
      this.#lanes.add(lane);
    }
    lane.add(waiting);
    this.size++;
  }

  /** Takes out the request whose turn it is. */
  next(): Waiting | undefined {
    let first: Lane | undefined;
    for (const lane of this.#lanes) if (!first || lane.expectedEnd < first.expectedEnd) first = lane;
    if (!first) return undefined;
    const taken = first.take();
    if (first.size === 0) this.#lanes.delete(first);
    this.size--;
    if (first.servedMs > this.#now) this.#now = first.servedMs;
    return taken;
  }

  /** Records that a guest of this component gets the thread while nobody waits for it. */
  began(lane: Lane): void {
    if (lane.servedMs > this.#now) this.#now = lane.servedMs;
    else lane.servedMs = this.#now;
  }
}

/** An array whose front can be taken without moving the rest. */
class Deque {
  #items: (Waiting | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(waiting: Waiting): void {
    this.#items.push(waiting);
  }

  shift(): Waiting | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) this.#restart([]);
    else if (this.#head > 64 && this.#head * 2 > this.#items.length) this.#restart(this.#items.slice(this.#head));
    return item;
  }

  pop(): Waiting | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items.pop();
    if (this.size === 0) this.#restart([]);
    return item;
  }

  #restart(items: (Waiting | undefined)[]): void {
    this.#items = items;
    this.#head = 0;
  }
}
