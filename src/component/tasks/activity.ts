// The clock that limits a guest, as the instance and its tasks see it when they say who runs.

/** Is told when guest code of this instance starts, stops and goes on, so that its time can be limited. */
export interface Activity {
  /** Guest code is about to run, now. */
  enter(): void;
  /** Does what `enter` does, unless another guest runs or it is another one's turn: false then. */
  tryEnter(): boolean;
  /** What the guest waited for has come. `go` is called when no other guest runs, and lets the guest go on. */
  resume(go?: () => void): void;
  /**
   * Called between two steps of the guest. True when others come first: the guest is then suspended, as by `suspend`;
   * else it goes on with a new slice. Throws when the guest's time is used; the guest is then suspended as well.
   */
  pause(): boolean;
  /** The guest waits for the host, and does not run. */
  suspend(): void;
  /** The guest has returned, or was ended. */
  leave(): void;
}
