// The resources of wasi:io as guests hold them: a stream or pollable, and what the 0.2 rules need to know about it.
import { HostObject, type ObjectOwner } from './host-object.ts';
import { SharedWait } from './pollables.ts';
import type { InputStream, OutputStream, Pollable } from './streams.ts';

export class GuestInputStream extends HostObject {
  readonly stream: InputStream;
  /** Whether the guest has seen the end or a failure: all it gets from then on is `closed`. */
  ended = false;

  constructor(owner: ObjectOwner, stream: InputStream, parent?: HostObject) {
    super(owner, parent);
    this.stream = stream;
  }
  protected close(): void {
    this.stream.close();
  }
}

export class GuestOutputStream extends HostObject {
  readonly stream: OutputStream;
  ended = false;
  /** Bytes that `check-write` has allowed and `write` has not used yet. */
  permit = 0;

  constructor(owner: ObjectOwner, stream: OutputStream, parent?: HostObject) {
    super(owner, parent);
    this.stream = stream;
  }
  protected close(): void {
    this.stream.close();
  }
}

export class GuestPollable extends HostObject {
  readonly wait: SharedWait;

  constructor(owner: ObjectOwner, pollable: Pollable, parent?: HostObject) {
    super(owner, parent);
    this.wait = new SharedWait(pollable);
  }
  protected close(): void {
    this.wait.close();
  }
}
