// Finds a manifest and parses its TOML, or that of another file. What it means is not looked at here.
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { MayflyError, messageOf } from '../../errors.ts';
import { isInterpreted } from '../interpreted.ts';
import { entryNames, isScriptFile } from '../script-file.ts';
import { type FileKind, manifestFile } from '../toml/file-kind.ts';
import { indexPositions, type KeyPath, type PositionIndex } from '../toml/positions.ts';

/** A parsed file, not checked: its shape may be anything that TOML can say. */
export interface ManifestSource {
  readonly file: string;
  readonly directory: string;
  readonly document: Readonly<Record<string, unknown>>;
  readonly positions: PositionIndex;
  /** The path at which the author wrote what stands at a path of `document`; absent where the two are the same. */
  readonly written?: (path: KeyPath) => KeyPath;
}

export type Origin =
  | { readonly kind: 'manifest'; readonly file: string }
  | { readonly kind: 'wasm' | 'script' | 'interpreted'; readonly file: string };

/** Finds out what `path` names: a manifest, a .wasm file, a source file, or a folder. Throws `manifest-missing`. */
export function findOrigin(path: string): Origin {
  const file = resolve(path);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) throw missing(`There is no file or folder "${path}"`);
  if (!stat.isDirectory()) return { kind: kindOf(file), file };
  const inside = join(file, 'spin.toml');
  if (isFile(inside)) return { kind: 'manifest', file: inside };
  const entry = scriptIn(file);
  if (entry === undefined) {
    const wanted = 'spin.toml, no index.ts, index.js, app.py or index.php, and no package.json with "main"';
    throw missing(`The folder "${path}" has no ${wanted}`);
  }
  return { kind: kindOf(entry), file: entry };
}

function kindOf(file: string): Origin['kind'] {
  if (file.endsWith('.wasm')) return 'wasm';
  if (isInterpreted(file)) return 'interpreted';
  return isScriptFile(file) ? 'script' : 'manifest';
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The source file that a folder stands for: what its package.json names, else an index. */
function scriptIn(folder: string): string | undefined {
  const named = mainOf(join(folder, 'package.json'));
  const names = [...(named === undefined ? [] : [named]), ...entryNames];
  const isProgram = (file: string): boolean => (isScriptFile(file) || isInterpreted(file)) && isFile(file);
  return names.map((name) => resolve(folder, name)).find(isProgram);
}

function mainOf(file: string): string | undefined {
  try {
    const { main } = Object(JSON.parse(readFileSync(file, 'utf8'))) as { readonly main?: unknown };
    return typeof main === 'string' ? main : undefined;
  } catch {
    return undefined;
  }
}

function missing(message: string): MayflyError {
  return new MayflyError('manifest-missing', message, {
    hint: "Name a spin.toml, its folder, a .wasm file or a source file, or make an app with 'mayfly new'",
  });
}

/**
 * Reads a manifest, or a file of another kind. Throws the kind's `missing` when the file cannot be read and its `syntax`
 * when it is not TOML.
 */
export function readManifest(file: string, kind: FileKind = manifestFile): ManifestSource {
  const text = readText(file, kind);
  return { file, directory: dirname(file), document: parseToml(text, file, kind), positions: indexPositions(text) };
}

function readText(file: string, { name, codes }: FileKind): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new MayflyError(codes.missing, `Cannot read the ${name} "${file}"`, {
      cause,
      hint: `The system says: ${messageOf(cause)}`,
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new MayflyError(codes.syntax, `The ${name} is not text in UTF-8`, { cause, location: { file } });
  }
}

function parseToml(text: string, file: string, { codes, secret }: FileKind): Record<string, unknown> {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = cause.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    throw new MayflyError(codes.syntax, `${basename(file)} is not valid TOML: ${reason}`, {
      // Its message shows the lines around the place.
      ...(secret ? {} : { cause }),
      location: { file, line: cause.line, column: cause.column, ...(secret && { secret }) },
    });
  }
}
