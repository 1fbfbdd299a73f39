// Makes text from outside fit for a line of a log. Guests choose names, messages and what they print, and none of it
// may move a terminal's cursor, pass for another line, or make a line that is larger than it should be.

/** The most characters of a text: more than a guest's own line ever has. */
const MOST = 16_384;
const STACK_LINES = 40;
const STACK_LINE = 500;

/**
 * Characters that are not printed: controls (C0, DEL, C1) except tabs, line separators, and what turns the direction of
 * text around.
 */
const unprintable = /(?!\t)[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const everyUnprintable = new RegExp(unprintable.source, 'gu');

/** Puts `text` in one line, with a visible sign for each unprintable character, and at most `most` characters. */
export function printable(text: string, most: number = MOST): string {
  const part = clip(text, most);
  return unprintable.test(part) ? part.replace(everyUnprintable, signFor) : part;
}

/** Makes several lines printable, such as a stack: line ends stay. */
export function printableLines(text: string): string {
  const lines = text.slice(0, STACK_LINES * STACK_LINE * 2).split(/\r?\n/, STACK_LINES);
  return lines.map((line) => printable(line, STACK_LINE)).join('\n');
}

/** Cuts a text to its first `most` characters, and says how many more there were. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).toWellFormed()}… (${text.length - most} more characters)`;
}

/** A visible sign for a character. ASCII has pictures of its controls: ␛ for escape, ␍ for a carriage return. */
function signFor(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '\u2421' : `\\u${code.toString(16).padStart(4, '0')}`;
}
