// Statements are proved short with the programs of the SQLite that runs them.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { type Instruction, proveShort, type ShortProgram } from './prove-short.ts';

const database = new DatabaseSync(':memory:');
database.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT UNIQUE, b);
  CREATE TABLE u (id INTEGER PRIMARY KEY, t REFERENCES t (id));
  CREATE INDEX u_t ON u (t);
  CREATE TABLE n (id INTEGER PRIMARY KEY AUTOINCREMENT, a);
  CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
  CREATE TABLE s (a INTEGER NOT NULL CHECK (a > 0)) STRICT;
  CREATE TABLE x (a); CREATE TRIGGER x_t AFTER INSERT ON x BEGIN DELETE FROM t; END;
  CREATE VIRTUAL TABLE f USING fts5 (a)`);
const { rootpage } = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_sequence'").get() as {
  rootpage: number;
};

function prove(statement: string): ShortProgram | undefined {
  return proveShort(database.prepare(`EXPLAIN ${statement}`).all() as unknown as Instruction[], rootpage);
}

test('what finds its rows by a key is short, whatever the data', () => {
  for (const [statement, writes, inserts] of [
    ['SELECT 1', false, 'no'],
    ['SELECT * FROM t WHERE id = ?', false, 'no'],
    ['SELECT lower(a), b || ? FROM t WHERE a = ?', false, 'no'],
    ['SELECT * FROM t JOIN u ON u.t = t.id WHERE u.id = ?', false, 'no'],
    ['SELECT * FROM t WHERE id IN (?, ?, 3)', false, 'no'],
    ['SELECT v FROM w WHERE k = ?', false, 'no'],
    ['INSERT INTO t (a, b) VALUES (?, ?)', true, 'yes'],
    ['INSERT OR REPLACE INTO w VALUES (?, ?)', true, 'no'],
    ['INSERT INTO u (t) VALUES (?), (?), (?)', true, 'yes'],
    ['INSERT INTO n (a) VALUES (?) RETURNING id', true, 'yes'],
    ['INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO UPDATE SET b = excluded.b', true, 'perhaps'],
    ['INSERT INTO s VALUES (?)', true, 'yes'],
    ['UPDATE t SET b = ? WHERE id = ?', true, 'no'],
    ['UPDATE t SET b = b + 1 WHERE a = ?', true, 'no'],
    ['DELETE FROM u WHERE id = ?', true, 'no'],
  ] as const) {
    assert.deepEqual(prove(statement), { scans: false, writes, inserts }, statement);
  }
});

test('what walks over one table after another is short in a small file', () => {
  for (const statement of [
    'SELECT * FROM t',
    'SELECT max(id) FROM t',
    'SELECT count(*), sum(b) FROM t',
    'SELECT * FROM t WHERE b > ? ORDER BY b DESC LIMIT 10 OFFSET 2',
    "SELECT * FROM t WHERE a LIKE '%' || ? || '%'",
    'SELECT DISTINCT b FROM t',
    'SELECT b, count(*) FROM t GROUP BY b',
    'SELECT * FROM u WHERE t = ?',
    'UPDATE t SET b = 1',
    'DELETE FROM u WHERE t = ?',
    'DELETE FROM u',
    'SELECT * FROM u JOIN t ON t.id = u.t',
    'INSERT INTO t (a) VALUES (?) RETURNING id', // rows of `u` may wait for it
  ]) {
    assert.equal(prove(statement)?.scans, true, statement);
  }
});

test('what may take any time is not proved', () => {
  for (const statement of [
    'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n',
    'SELECT * FROM t, t AS t2',
    'SELECT count(*) FROM t a, t b, t c WHERE a.b < b.b AND b.b < c.b',
    'SELECT * FROM t WHERE b IN (SELECT b FROM t)',
    'SELECT (SELECT count(*) FROM u WHERE u.t > t.b) FROM t',
    'SELECT *, row_number() OVER (ORDER BY b) FROM t',
    'INSERT INTO u (t) SELECT id FROM t',
    'INSERT INTO x VALUES (1)',
    "SELECT * FROM f WHERE f MATCH 'x'",
    "SELECT * FROM json_each('[1]')",
    'SELECT randomblob(1000000000)',
    "SELECT printf('%.*c', 1000000000, 'x')",
    "SELECT replace(a, 'x', 'xx') FROM t",
    'SELECT instr(a, b) FROM t',
    'SELECT load_extension(?)',
    'CREATE TABLE y (a)',
    'CREATE INDEX i ON t (b)',
    'DROP TABLE u',
    'BEGIN',
    'COMMIT',
    'SAVEPOINT a',
    'PRAGMA journal_mode = DELETE',
    'VACUUM',
    'ANALYZE',
    'REINDEX',
    "ATTACH ':memory:' AS m",
  ]) {
    assert.equal(prove(statement), undefined, statement);
  }
});

test('a walk over a table is one, whatever the cursor was opened for elsewhere', () => {
  const step = (opcode: string, p1 = 0, p2 = 0): Instruction => ({ opcode, p1, p2, p3: 0, p4: null, p5: 0 });
  const walk = (root: number, at: number): Instruction[] => [
    step('OpenRead', 0, root),
    step('Rewind', 0, at + 3),
    step('Next', 0, at + 2),
  ];
  const sequence = 9;
  const program = (body: Instruction[], prologue: (at: number) => Instruction[]): Instruction[] => {
    const end = body.length + 2;
    return [step('Init', 0, end), ...body, step('Halt'), ...prologue(end), step('Goto', 0, 1)];
  };
  const scans = (body: Instruction[], prologue: (at: number) => Instruction[]): boolean | undefined =>
    proveShort(program(body, prologue), sequence)?.scans;
  assert.equal(
    scans([step('OpenWrite', 0, 2)], (at) => walk(sequence, at)),
    false,
  );
  assert.equal(
    scans([step('OpenWrite', 0, sequence)], (at) => walk(2, at)),
    true,
  );
  assert.equal(
    scans(walk(2, 1), () => [step('OpenRead', 0, sequence)]),
    true,
  );
  assert.equal(
    scans(walk(sequence, 1), () => [step('OpenRead', 0, 2)]),
    true,
    'the cursor may still be that of the prologue',
  );
});

test('a program that is unknown, or goes back where nothing bounds it, is not proved', () => {
  const step = (opcode: string, p1 = 0, p2 = 0, p3 = 0): Instruction => ({ opcode, p1, p2, p3, p4: null, p5: 0 });
  const around = (...middle: Instruction[]): Instruction[] => {
    const end = middle.length + 1;
    return [step('Init', 0, end + 1), ...middle, step('Halt'), step('Transaction'), step('Goto', 0, 1)];
  };
  assert.ok(proveShort(around(step('Integer')), 0));
  assert.equal(proveShort([], 0), undefined);
  assert.equal(proveShort(around(step('SomethingNew')), 0), undefined);
  assert.equal(proveShort(around(step('Integer'), step('Goto', 0, 1)), 0), undefined);
  assert.equal(proveShort(around(step('Integer'), step('If', 0, 1)), 0), undefined);
  // The jump at the end of the prologue goes to where the program begins, and is the last instruction.
  const ending = (...last: Instruction[]): unknown =>
    proveShort([step('Init', 0, 3), step('Integer'), step('Halt'), step('Transaction'), ...last], 0);
  assert.ok(ending(step('Goto', 0, 1)));
  assert.equal(ending(step('Goto', 0, 2)), undefined);
  assert.equal(ending(step('Goto', 0, 1), step('Integer')), undefined);
  const isFirst = [
    step('Gosub', 0, 6),
    step('Rewind', 0, 5),
    step('Integer'),
    step('Next', 0, 3),
    step('Integer'),
    step('Integer'),
  ];
  assert.ok(proveShort(around(...isFirst), 0), 'a loop before all subroutines');
  const isInside = [
    step('Gosub', 0, 2),
    step('Gosub', 0, 7),
    step('Rewind', 0, 6),
    step('Next', 0, 4),
    step('Integer'),
  ];
  assert.equal(proveShort(around(...isInside), 0), undefined, 'a loop behind the first of two subroutines');
  assert.equal(proveShort(around(step('Integer'), step('Jump', 1, 9, 9)), 0), undefined);
  assert.equal(proveShort(around(step('Gosub', 0, 4)), 0), undefined, 'a second run of the prologue');
  const nested = [step('Rewind', 0, 5), step('Rewind', 1, 4), step('Next', 1, 3), step('Next', 0, 2)];
  assert.equal(proveShort(around(...nested), 0), undefined);
});
