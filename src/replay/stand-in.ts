// What a guest that is played to has in the place of a resource of the host.

/** It has nothing but its identity. */
export class StandIn {
  readonly type: string;

  constructor(type: string) {
    this.type = type;
  }
}
