// Errors of statements that cannot be prepared, as Spin tells them: SQLite's words, the statement, and where in it the
// mistake is. node:sqlite does not say where, and so it is found again.

/** The message that preparing a text gives; undefined when it can be prepared. */
export type TryPrepare = (text: string) => string | undefined;

const MOST_TRIES = 16;

export function prepareError(message: string, statement: string, attempt: TryPrepare): string {
  const index = placeOf(message, statement, attempt);
  if (index === undefined) return message;
  return `${message} in ${statement} at offset ${Buffer.byteLength(statement.slice(0, index))}`;
}

function placeOf(message: string, statement: string, attempt: TryPrepare): number | undefined {
  const near = /^near "(.*)": syntax error$/s.exec(message) ?? /^unrecognized token: "(.*)"$/s.exec(message);
  if (near?.[1]) return tokenPlace(near[1], statement, (prefix) => attempt(prefix) === message);
  const named =
    /^(?:no such column|no such function|ambiguous column name): (.+)$/s.exec(message) ??
    /^(?:wrong number of arguments to function|misuse of \w+(?: function)?:?) (.+)\(\)$/s.exec(message);
  if (!named?.[1]) return undefined;
  // Names may be qualified and quoted: the place is where the last part stands, or where the first begins.
  const found = wordPlace(named[1], statement);
  return found ?? wordPlace(named[1].split('.').at(-1) as string, statement);
}

/** The first place of the token where the text up to its end has the same mistake. */
function tokenPlace(text: string, statement: string, isMistake: (prefix: string) => boolean): number | undefined {
  let index = statement.indexOf(text);
  for (let tries = 0; index >= 0 && tries < MOST_TRIES; tries++) {
    if (isMistake(statement.slice(0, index + text.length))) return index;
    index = statement.indexOf(text, index + 1);
  }
  return undefined;
}

function wordPlace(word: string, statement: string): number | undefined {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const index = statement.search(new RegExp(`(?<![\\w$.])${escaped}(?![\\w$])`, 'i'));
  return index < 0 ? undefined : index;
}
