// Gathers the mistakes of one file, each with its place, so that all are shown at once.
import { type ErrorCode, type Location, MayflyError } from '../../errors.ts';
import { type FileKind, manifestFile } from '../toml/file-kind.ts';
import type { KeyPath, Position } from '../toml/positions.ts';
import type { ManifestSource } from './read.ts';

export interface ProblemOptions {
  readonly hint?: string | undefined;
  /** The part that is wrong: the value at the path (default) or the key that names it. */
  readonly at?: 'key' | 'value';
  readonly cause?: unknown;
}

export interface Problems {
  add(code: ErrorCode, path: KeyPath, message: string, options?: ProblemOptions): void;
  /** Adds what an app may have and still run; it is a mistake where the reader is strict. */
  warn(code: ErrorCode, path: KeyPath, message: string, options?: ProblemOptions): void;
  /** The place of what stands at a path, for messages about two of them. */
  place(path: KeyPath): Position;
  /** Throws the one mistake that there is, and `invalid` of the kind of file with all of them when there are several. */
  throwIfAny(): void;
}

/** The problems of one file as they are gathered. */
export interface Gathered extends Problems {
  /** What was warned of so far, in the order of the file. */
  readonly warnings: readonly MayflyError[];
  /** Gathers into the same list, with the places of another view of the file. */
  seenAs(view: ManifestSource): Problems;
}

export function gatherProblems(
  source: ManifestSource,
  kind: FileKind = manifestFile,
  { strict = false }: { readonly strict?: boolean | undefined } = {},
): Gathered {
  const found: MayflyError[] = [];
  const warnings: MayflyError[] = [];
  const secret = kind.secret ? { secret: kind.secret } : {};
  const adding =
    (view: ManifestSource, list: MayflyError[]): Problems['add'] =>
    (code, path, message, { hint, at = 'value', cause } = {}) => {
      const location: Location = { file: source.file, ...view.positions[at](path), ...secret };
      list.push(new MayflyError(code, message, { location, hint, cause }));
    };
  const seenAs = (view: ManifestSource): Problems => ({
    add: adding(view, found),
    warn: adding(view, strict ? found : warnings),
    place: (path) => view.positions.value(path),
    throwIfAny,
  });
  function throwIfAny(): void {
    if (found.length === 0) return;
    if (found.length === 1) throw found[0];
    const problems = found.toSorted((a, b) => order(a) - order(b));
    throw new MayflyError(kind.codes.invalid, `The ${kind.name} has ${found.length} mistakes`, { problems });
  }
  return {
    ...seenAs(source),
    get warnings() {
      return warnings.toSorted((a, b) => order(a) - order(b));
    },
    seenAs,
  };
}

function order(error: MayflyError): number {
  return (error.location?.line ?? 0) * 1e6 + (error.location?.column ?? 0);
}

/** Writes a key path as people do: `component.hello.source`, `trigger.http[1].route`. */
export function showPath(path: KeyPath): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      const name = /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key);
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}
