// Values of header fields as text, for interfaces that have strings where HTTP has bytes.
import { isUtf8 } from 'node:buffer';

/**
 * Gives the text of a value that has a character for each byte. A value that is no UTF-8 stays as it is, so that
 * nothing is lost.
 */
export function textOfValue(value: string): string {
  if (!/[^\0-\x7f]/.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}

/** Gives the value for a text; undefined where the text contains a control character. */
export function valueOfText(text: string): string | undefined {
  if (!/^[\t\x20-\x7e\u{80}-\u{10ffff}]*$/u.test(text)) return undefined;
  return Buffer.from(text, 'utf8').toString('latin1');
}
