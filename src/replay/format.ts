// The file of a recording, version 1: a JSON value a line. docs/replay.md explains it to people.
import type { Json } from './rendered.ts';

export const FORMAT = 'mayfly-recording';
export const VERSION = 1;

/** Name and value, as HTTP has them: bytes in latin1. */
export type HeaderEntry = readonly [name: string, value: string];

/** The first line: what was asked, and of whom. */
export interface Head {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  /** The version of Mayfly that wrote it. */
  readonly mayfly: string;
  /** When the request came, in ISO 8601. */
  readonly at: string;
  readonly requestId: string;
  readonly app: {
    readonly name: string;
    /** The absolute path of the manifest, or of the file that was served without one. */
    readonly origin: string;
    readonly profile?: string | undefined;
  };
  readonly component: {
    readonly id: string;
    /** Absolute paths of the middleware before it. */
    readonly middleware: readonly string[];
    /** SHA-256 of all files that it was made of. */
    readonly digest: string;
    /** Limits that a guest can see reached without being ended. */
    readonly limits: { readonly memoryBytes: number; readonly tableElements: number; readonly handles: number };
  };
  readonly request: RecordedRequest;
}

export interface RecordedRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly target: string;
  readonly headers: readonly HeaderEntry[];
  /** The body, for guests that get it as one value; what others read of it stands among the calls. */
  readonly body?: Json;
}

/** A call of the guest to the host. */
export interface CallLine {
  /** The number of the call, from 1. Calls that the guest made before there was a request have numbers of their own. */
  readonly n: number;
  readonly call: string;
  readonly params: Json;
  readonly result?: Json;
  readonly throws?: ThrownLine;
  /** Set for a call whose result came later: it follows in a line of its own if something happened before that. */
  readonly waits?: true;
  /** Set for a call that was made while the program was evaluated, or the component initialised, before any request. */
  readonly init?: true;
  /** Entries of the header fields that crossed for the first time, by their numbers. */
  readonly fields?: { readonly [number: string]: readonly HeaderEntry[] };
}

/** The result of an earlier call. */
export interface SettledLine {
  readonly settles: number;
  /** Set where it came between the beginning and the end of a step. */
  readonly inside?: true;
  readonly result?: Json;
  readonly throws?: ThrownLine;
  readonly fields?: { readonly [number: string]: readonly HeaderEntry[] };
}

/** What the host did with a stream or future of which the guest has the other end. */
export interface StreamLine {
  readonly stream: number;
  readonly does: 'read' | 'write' | 'resolve' | 'fail' | 'cancel-read' | 'cancel-write' | 'close' | 'end';
  /** The most elements of a read. */
  readonly max?: number;
  /** What was written, or the value of a future. */
  readonly result?: Json;
  readonly throws?: ThrownLine;
  readonly fields?: { readonly [number: string]: readonly HeaderEntry[] };
  /** Set where that happened before the call above had returned. */
  readonly during?: true;
  /** As of SettledLine. */
  readonly inside?: true;
}

/** The threads of the guest have made so many steps, between which the host brought nothing about. */
export interface StepsLine {
  readonly steps: number;
}

/** A call of a core module, which reads and writes the guest's memory. */
export interface CoreLine {
  readonly n: number;
  readonly core: string;
  readonly args: readonly (number | string)[];
  /** What stood in the memory that the function looked at. */
  readonly reads: readonly MemoryPart[];
  readonly writes: readonly MemoryPart[];
  readonly result?: number | undefined;
  readonly throws?: ThrownLine;
  readonly waits?: true;
  readonly init?: true;
}

export type MemoryPart = readonly [address: number, bytes: Json];

/** What a function of the host ended the guest with. */
export interface ThrownLine {
  readonly kind: 'trap' | 'exit' | 'error';
  readonly message: string;
  /** Of an error of Mayfly. */
  readonly code?: string;
  /** Of `exit`. */
  readonly exitCode?: number;
}

/** The answer as the guest gave it, before it was made ready for the wire. */
export interface ResponseLine {
  readonly response: {
    readonly status?: number;
    readonly headers?: readonly HeaderEntry[];
    readonly body?: RecordedBody;
    readonly trailers?: readonly HeaderEntry[];
    /** What there was in the place of an answer. */
    readonly error?: { readonly code: string; readonly message: string };
  };
}

export interface RecordedBody {
  readonly length: number;
  readonly sha256: string;
  /** False when nobody read it to its end, or it broke. */
  readonly whole: boolean;
  /** Its beginning. */
  readonly bytes: Json;
}

/** The last line. A file without it was cut off. */
export interface EndLine {
  readonly end: {
    readonly calls: number;
    /** What the guest failed with; absent for one that came to its end. */
    readonly error?: { readonly code: string; readonly message: string };
    readonly exitCode: number;
  };
}

export type EventLine = CallLine | SettledLine | StreamLine | StepsLine | CoreLine;

export interface Recording {
  readonly head: Head;
  readonly init: readonly EventLine[];
  readonly events: readonly EventLine[];
  readonly response: ResponseLine['response'];
  readonly end: EndLine['end'];
}
