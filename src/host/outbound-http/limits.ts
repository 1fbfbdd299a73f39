// What the outbound client bounds, beside the time limits that a request brings.

export interface ClientLimits {
  /** Bytes of a response's head. */
  readonly headerBytes: number;
  readonly headerCount: number;
  /** Bytes of a response body that are read ahead of the guest. */
  readonly bufferedBytes: number;
  /** Applies to each of the three time limits that a request leaves open, in milliseconds. */
  readonly timeoutMs: number;
  /** How long a connection is kept without a request, in milliseconds. */
  readonly keepAliveMs: number;
}

export const defaultClientLimits: ClientLimits = {
  headerBytes: 64 * 1024,
  headerCount: 1000,
  bufferedBytes: 64 * 1024,
  timeoutMs: 600_000,
  keepAliveMs: 30_000,
};
