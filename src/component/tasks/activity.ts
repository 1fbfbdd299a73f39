// The clock that limits a guest, as the instance and its tasks tell it who runs.

/** Told when guest code of this instance starts, stops and goes on: for the clock that limits it. */
export interface Activity {
  /** Guest code is about to run, now. */
  enter(): void;
  /** As `enter`, unless another guest runs or it is another one's turn: false then. */
  tryEnter(): boolean;
  /** What the guest waited for is there: `go` lets it go on, which is called when no other guest runs. */
  resume(go?: () => void): void;
  /**
   * Between two steps of the guest: true when others come first, as after `suspend`; else it goes on with a new slice.
   * Throws, as after `suspend`, when its time is used.
   */
  pause(): boolean;
  /** The guest waits for the host. */
  suspend(): void;
  /** The guest has returned, or was ended. */
  leave(): void;
}
