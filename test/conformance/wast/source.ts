// Component text → bytes, through wasm-tools as jco carries it. Nothing is validated here.

import { parse } from '@bytecodealliance/jco';
import { withoutCancellable } from './cancellable.ts';

export type Source =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary' | 'quote'; readonly keyword: string; readonly bytes: Uint8Array };

/** The text is not even text: a pass for assert_malformed and assert_invalid, a failure for all others. */
export class TextError extends Error {
  override readonly name = 'TextError';
}

/** Errors: {@link TextError}. */
export async function toBytes(source: Source): Promise<Uint8Array> {
  if (source.kind === 'binary') return source.bytes;
  const text =
    source.kind === 'text'
      ? withoutCancellable(source.text)
      : `(${source.keyword} ${new TextDecoder().decode(source.bytes)})`;
  try {
    return await parse(text);
  } catch (error) {
    throw new TextError(reason(error));
  }
}

/** wasm-tools answers with the debug print of its error; the part for people is in `Custom("...")`. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /kind: Custom\("((?:[^"\\]|\\.)*)"\)/.exec(message)?.[1] ?? message.slice(0, 200);
}
