// What an event cost, and what became of a request over HTTP: plain data, for logs, metrics and traces.

/** Times in milliseconds. */
export interface Times {
  readonly cpuMs: number;
  /** The time since the event came. */
  readonly wallMs: number;
}

/** What a guest used for an event, once it has ended. */
export interface Usage extends Times {
  readonly hostCalls: number;
  /** Bytes of linear memory when the guest ended. */
  readonly memoryBytes: number;
  /** Whether its sandbox was made for it; otherwise one that was kept, and at its image, served it. */
  readonly isNew: boolean;
  /** Whether its sandbox is kept for another request. */
  readonly isKept: boolean;
}

/** What the log says of it. */
export function usageFields({ cpuMs, wallMs, hostCalls, memoryBytes, isNew, isKept }: Usage) {
  return {
    cpuMs: microseconds(cpuMs),
    wallMs: microseconds(wallMs),
    hostCalls,
    memoryBytes,
    sandbox: isNew ? 'new' : 'kept',
    discarded: isKept ? undefined : true,
  } as const;
}

/** The same in words. */
export function usageText(usage: Usage): string {
  const { cpuMs, wallMs, memoryBytes, hostCalls } = usageFields(usage);
  return `${cpuMs} ms CPU, ${wallMs} ms, ${memoryBytes} bytes of memory, ${hostCalls} host calls`;
}

/** Rounds milliseconds to microseconds. */
export function microseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** What each line of the log about a request says of it. */
export interface RequestFields {
  readonly requestId: string;
  readonly traceId?: string;
  readonly spanId?: string;
}

/** A request over HTTP that is over: the last byte of its answer was taken, and its guest has ended. */
export interface FinishedRequest {
  readonly method: string;
  readonly scheme: string;
  /** The host and port, as in the Host header. */
  readonly authority: string;
  /** The path with the query. */
  readonly target: string;
  /** The fields that came, with names in lower case and values in latin1. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The client's `address:port`. */
  readonly clientAddress: string;
  /** The version of HTTP that the client speaks, as in `HTTP/1.1`; undefined where there was no connection. */
  readonly protocol: string | undefined;
  /** What the log calls the request; made when somebody first asks. `knownFields` are there if somebody has. */
  readonly identity: { readonly fields: RequestFields; readonly knownFields: RequestFields | undefined };
  /** Whether another component of the app sent it, and no client did. */
  readonly isChained: boolean;
  /** The component that answered, or should have; undefined where there is none. */
  readonly component: string | undefined;
  /** The route of the component, as the manifest writes it. */
  readonly route: string | undefined;
  readonly status: number;
  /** When it came, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds from the head of the request to that of the response. */
  readonly headMs: number;
  /** Milliseconds until the answer was over. */
  readonly totalMs: number;
  /** Bytes of its body that somebody read. */
  readonly receivedBytes: number;
  /** Bytes of the answer's body. */
  readonly sentBytes: number;
  /** Whether the answer was broken off, by either side. */
  readonly isBroken: boolean;
  /** What the guest used; undefined where none ran. */
  readonly usage: Usage | undefined;
  /** What ended the guest before it answered. */
  readonly error: unknown;
}
