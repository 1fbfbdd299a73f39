// Puts an instance back by hand, off the clock: for guests that serve one request in an instance's life (an event that
// was answered cannot be answered again), so that their own time can be told from that of a reset.
import type { Artifact } from '../../src/sandbox/artifact.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { globalOf, globalPlaces } from '../../src/sandbox/state-parts.ts';

const PAGE = 4_096;
/** After so many requests, the pages that requests change are known. */
const LEARNING_REQUESTS = 50;

export class RestoredInstance {
  readonly #sandbox: Sandbox;
  readonly #memories: readonly {
    readonly memory: WebAssembly.Memory;
    readonly image: Buffer;
    readonly pages: Set<number>;
  }[];
  readonly #globals: readonly { readonly global: { value: unknown }; readonly value: unknown }[];
  #requests = 0;

  /** `sandbox` is at its image's state. Its memories should be plain ones, so that writing to them costs nothing extra. */
  constructor(sandbox: Sandbox, artifact: Artifact) {
    this.#sandbox = sandbox;
    const exported = new Set(sandbox.instance.core.flatMap((exports) => Object.values(exports)));
    const memories = [...exported].filter((one) => one instanceof WebAssembly.Memory);
    this.#memories = memories.map((memory) => ({ memory, image: Buffer.from(bytesOf(memory)), pages: new Set() }));
    this.#globals = globalPlaces(artifact)
      .map((place) => globalOf(sandbox.instance, place))
      .map((global) => ({ global, value: global.value }));
  }

  restore(): void {
    for (const { global, value } of this.#globals) global.value = value;
    if (this.#requests++ < LEARNING_REQUESTS) this.#learn();
    for (const { memory, image, pages } of this.#memories) {
      const bytes = bytesOf(memory);
      for (const at of pages) bytes.set(image.subarray(at, at + PAGE), at);
    }
    this.#sandbox.instance.resetHostSide();
  }

  #learn(): void {
    for (const { memory, image, pages } of this.#memories) for (const at of changed(memory, image)) pages.add(at);
  }

  /** Throws when a request has changed a page that the first ones did not: what was measured is then worth nothing. */
  check(): void {
    for (const { memory, image } of this.#memories) {
      const [at] = changed(memory, image);
      if (at !== undefined) throw new Error(`The page at ${at} was changed by a later request and not put back`);
    }
  }
}

function bytesOf({ buffer }: WebAssembly.Memory): Uint8Array {
  return new Uint8Array(buffer);
}

function changed(memory: WebAssembly.Memory, image: Buffer): number[] {
  const bytes = Buffer.from(memory.buffer);
  if (bytes.length !== image.length) throw new Error('The memory has grown, which cannot be put back');
  const pages: number[] = [];
  for (let at = 0; at < bytes.length; at += PAGE) {
    if (image.compare(bytes, at, at + PAGE, at, at + PAGE) !== 0) pages.push(at);
  }
  return pages;
}
