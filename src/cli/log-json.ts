// The log as lines of JSON, for programs that gather logs: an object a line, whose names are those of docs/log.md.

const levels: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };

/**
 * Characters beyond the controls of ASCII that a terminal may obey, or that turn the direction of a text: JSON may hold
 * them as escapes, so that nothing is lost.
 */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Writes an event as pino made it: time, level by its name, then the fields, and the text as `msg` at the end. */
export function jsonLine({ level, msg, ...fields }: Record<string, unknown>, now: Date): string {
  const name = levels[level as number] ?? String(level);
  return jsonText({ time: now.toISOString(), level: name, ...fields, msg });
}

/** Writes a value so that no terminal obeys what stands in it. */
export function jsonText(value: string | object): string {
  return JSON.stringify(value).replace(unsafe, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
