// Notes are rows of the table `notes`, which schema.sql makes.
import { Connection, type QueryResult, type Value } from 'fermyon:spin/sqlite@2.0.0';

export interface Note {
  readonly id: number;
  readonly text: string;
  /** In ISO 8601. */
  readonly created: string;
}

/** All notes that contain `word`, the newest first. */
export function listNotes(word: string): Note[] {
  const { rows } = query(
    "SELECT id, text, created FROM notes WHERE instr(lower(text), lower(?)) > 0 OR ? = '' ORDER BY id DESC LIMIT 100",
    [text(word), text(word)],
  );
  return rows.map(({ values }) => noteOf(values));
}

export function addNote(content: string): Note {
  const { rows } = query('INSERT INTO notes (text, created) VALUES (?, ?) RETURNING id, text, created', [
    text(content),
    integer(now()),
  ]);
  return noteOf(rows[0]?.values ?? []);
}

/** Whether there was such a note. */
export function removeNote(id: number): boolean {
  return query('DELETE FROM notes WHERE id = ? RETURNING id', [integer(id)]).rows.length > 0;
}

/** How many there were; `seconds` since 1970. */
export function removeNotesBefore(seconds: number): number {
  return query('DELETE FROM notes WHERE created <= ? RETURNING id', [integer(seconds)]).rows.length;
}

/** A connection lives no longer than its request: the next one has a sandbox of its own. */
function query(statement: string, parameters: readonly Value[]): QueryResult {
  return Connection.open('default').execute(statement, parameters);
}

function noteOf([id, content, created]: readonly Value[]): Note {
  return { id: numberOf(id), text: textOf(content), created: new Date(numberOf(created) * 1000).toISOString() };
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function text(val: string): Value {
  return { tag: 'text', val };
}

function integer(val: number): Value {
  return { tag: 'integer', val: BigInt(val) };
}

function textOf(value: Value | undefined): string {
  return value?.tag === 'text' ? value.val : '';
}

function numberOf(value: Value | undefined): number {
  return value?.tag === 'integer' ? Number(value.val) : 0;
}
