// How a guest ends itself.

/** Thrown through the guest by `exit`: whoever called the guest catches it. It is no trap and no failure of the host. */
export class GuestExit extends Error {
  override readonly name = 'GuestExit';
  /** 0 is success. */
  readonly code: number;
  constructor(code: number) {
    super(`The guest exited with code ${code}`);
    this.code = code;
  }
}
