// The fields of an error of the server, and the text that Debug of tokio-postgres makes of them.
// https://www.postgresql.org/docs/current/protocol-error-fields.html

/** Values by the letters of their fields. */
export type DbErrorFields = ReadonlyMap<string, string>;

const severities: Readonly<Record<string, string>> = {
  ERROR: 'Error',
  FATAL: 'Fatal',
  PANIC: 'Panic',
};

/** In one line, as in `db error`: `ERROR: division by zero`. */
export function displayText(fields: DbErrorFields): string {
  const detail = fields.has('D') ? `\nDETAIL: ${fields.get('D')}` : '';
  const hint = fields.has('H') ? `\nHINT: ${fields.get('H')}` : '';
  return `${fields.get('S') ?? ''}: ${fields.get('M') ?? ''}${detail}${hint}`;
}

export function debugText(fields: DbErrorFields): string {
  const text = (letter: string): string => quoted(fields.get(letter) ?? '');
  const optional = (letter: string): string => (fields.has(letter) ? `Some(${text(letter)})` : 'None');
  const severity = severities[fields.get('V') ?? ''];
  const parts = [
    `severity: ${text('S')}`,
    `parsed_severity: ${severity === undefined ? 'None' : `Some(${severity})`}`,
    `code: SqlState(E${fields.get('C') ?? ''})`,
    `message: ${text('M')}`,
    `detail: ${optional('D')}`,
    `hint: ${optional('H')}`,
    `position: ${position(fields)}`,
    `where_: ${optional('W')}`,
    `schema: ${optional('s')}`,
    `table: ${optional('t')}`,
    `column: ${optional('c')}`,
    `datatype: ${optional('d')}`,
    `constraint: ${optional('n')}`,
    `file: ${optional('F')}`,
    `line: ${fields.has('L') ? `Some(${fields.get('L')})` : 'None'}`,
    `routine: ${optional('R')}`,
  ];
  return `DbError { ${parts.join(', ')} }`;
}

function position(fields: DbErrorFields): string {
  if (fields.has('P')) return `Some(Original(${fields.get('P')}))`;
  if (!fields.has('p')) return 'None';
  return `Some(Internal { position: ${fields.get('p')}, query: ${quoted(fields.get('q') ?? '')} })`;
}

/** As Debug of Rust quotes a text. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r')}"`;
}
