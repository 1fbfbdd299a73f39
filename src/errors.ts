// Every error code of Mayfly. docs/errors.md is made from this table; a test compares the two.

export type Blame = 'user' | 'guest' | 'host';

export interface ErrorKind {
  /** Who has to act: the person who wrote manifest or command, the author of the guest, or Mayfly itself. */
  readonly blame: Blame;
  readonly meaning: string;
  readonly mend: string;
}

/** Codes are stable: scripts may match on them. Keep them sorted by area, then by name. */
export const errorKinds = {
  // component/: bytes that are no component, or one that cannot be linked
  'component-corrupt': {
    blame: 'user',
    meaning: 'The bytes do not follow the binary format of the Component Model, or do not validate',
    mend: 'Build the component again. The message gives the byte offset of the first violation',
  },
  'component-import-missing': {
    blame: 'user',
    meaning: 'The component imports something that the host does not have',
    mend: 'Build against an interface from the list in the message, or give the import a component of its own',
  },
  'component-import-type': {
    blame: 'user',
    meaning: 'The component imports a host function under a type that differs from the one that the host has',
    mend: 'Build the component against the published WIT of that interface',
  },
  'component-is-module': {
    blame: 'user',
    meaning: 'The bytes are a core WebAssembly module, not a component',
    mend: 'Make a component of it: `jco new module.wasm -o component.wasm`',
  },
  'component-not-wasm': {
    blame: 'user',
    meaning: 'The bytes are no WebAssembly',
    mend: 'Check the path: `source` must lead to a component that was built',
  },
  'component-unsupported': {
    blame: 'user',
    meaning: 'The component uses a feature that Mayfly does not have yet',
    mend: 'docs/limits.md lists what is missing',
  },
  'component-version': {
    blame: 'user',
    meaning: 'The component is encoded in a version of the binary format that Mayfly does not read',
    mend: 'Build the component again with current tools',
  },
  // guests
  'guest-trap': {
    blame: 'guest',
    meaning: 'The guest trapped: the call was ended and its sandbox thrown away',
    mend: 'The log names the component, the reason and the functions on the stack',
  },
  // the host itself
  internal: {
    blame: 'host',
    meaning: 'A defect of Mayfly',
    mend: 'Please report it, with the message and the stack',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

/** A place in a file; lines and columns count from 1, `offset` is in bytes from 0. */
export interface Location {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly offset?: number;
}

export interface ErrorDetails {
  readonly cause?: unknown;
  readonly location?: Location | undefined;
  /** What to do, down to the line to add to the manifest. */
  readonly hint?: string | undefined;
  /** All that is wrong, when several things are reported at once. */
  readonly problems?: readonly MayflyError[] | undefined;
}

/** The one error class. Sentence case, active voice, quoted values, no full stop at the end of the message. */
export class MayflyError extends Error {
  override readonly name = 'MayflyError';
  readonly code: ErrorCode;
  readonly blame: Blame;
  readonly location: Location | undefined;
  readonly hint: string | undefined;
  readonly problems: readonly MayflyError[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.blame = errorKinds[code].blame;
    this.location = details.location;
    this.hint = details.hint;
    this.problems = details.problems ?? [];
  }
}

/**
 * The guest did what the specification answers with a trap. The sandbox that threw it is never used again.
 * `CanonicalABI.md` names the reasons; the message repeats its words.
 */
export class Trap extends Error {
  override readonly name = 'Trap';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
