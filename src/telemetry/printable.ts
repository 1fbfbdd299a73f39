// Text from outside as it may stand in a line of a log: guests choose names, messages and what they print, and none of it
// may move a terminal's cursor, pass for another line, or make a line that is larger than a line should be.

/** In characters: more than a guest's own line ever has. */
const MOST = 16_384;
const STACK_LINES = 40;
const STACK_LINE = 500;

/** Controls (C0, DEL, C1) but tabs, line separators, and what turns the direction of text around. */
const unprintable = /(?!\t)[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const everyUnprintable = new RegExp(unprintable.source, 'gu');

/** `text` in one line, with a visible sign for each character that is none, and at most `most` characters of it. */
export function printable(text: string, most: number = MOST): string {
  const part = clip(text, most);
  return unprintable.test(part) ? part.replace(everyUnprintable, signFor) : part;
}

/** The same of several lines, such as a stack: line ends stay. */
export function printableLines(text: string): string {
  const lines = text.slice(0, STACK_LINES * STACK_LINE * 2).split(/\r?\n/, STACK_LINES);
  return lines.map((line) => printable(line, STACK_LINE)).join('\n');
}

/** The first `most` characters, and how many there are besides. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).toWellFormed()}… (${text.length - most} more characters)`;
}

/** ASCII has pictures of its controls: ␛ for escape, ␍ for a carriage return. */
function signFor(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '\u2421' : `\\u${code.toString(16).padStart(4, '0')}`;
}
