// Gathers the mistakes of one file, each with its place, so that all are shown at once.
import { type ErrorCode, type Location, MayflyError } from '../../errors.ts';
import { type FileKind, manifestFile } from '../toml/file-kind.ts';
import type { KeyPath } from '../toml/positions.ts';
import type { ManifestSource } from './read.ts';

export interface ProblemOptions {
  readonly hint?: string | undefined;
  /** The part that is wrong: the value at the path (default) or the key that names it. */
  readonly at?: 'key' | 'value';
  readonly cause?: unknown;
}

export interface Problems {
  add(code: ErrorCode, path: KeyPath, message: string, options?: ProblemOptions): void;
  /** Throws the one mistake that there is, and `invalid` of the kind of file with all of them when there are several. */
  throwIfAny(): void;
}

export function gatherProblems(source: ManifestSource, kind: FileKind = manifestFile): Problems {
  const found: MayflyError[] = [];
  const secret = kind.secret ? { secret: kind.secret } : {};
  return {
    add(code, path, message, { hint, at = 'value', cause } = {}) {
      const location: Location = { file: source.file, ...source.positions[at](path), ...secret };
      found.push(new MayflyError(code, message, { location, hint, cause }));
    },
    throwIfAny() {
      if (found.length === 0) return;
      if (found.length === 1) throw found[0];
      const problems = found.toSorted((a, b) => order(a) - order(b));
      throw new MayflyError(kind.codes.invalid, `The ${kind.name} has ${found.length} mistakes`, { problems });
    },
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
