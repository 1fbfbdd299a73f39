// Statements that ran before go out in one exchange: with the same results, and right ones when types have changed since.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type PostgresServer, postgresMissing, startPostgres } from '../../../test/support/servers/postgres.ts';
import { componentOf, errOf, okOf, type TestComponent, type TestGuest } from '../guest.test-kit.ts';
import { ParameterTypes } from './parameter-types.ts';
import { createPostgresService } from './service.ts';

const skip = postgresMissing();
const timeout = 30_000;
const four = 'spin:postgres/postgres@4.2.0';
let server: PostgresServer | undefined;
let component: TestComponent;
const running = (): PostgresServer => server ?? assert.fail('no server');
before(async () => {
  if (skip) return;
  server = await startPostgres();
  component = await componentOf(createPostgresService(), ['postgres://127.0.0.1:*']);
});
after(async () => {
  await component?.close();
  await server?.close();
});

type Value = { readonly tag: string; readonly val?: unknown };

class Asker {
  readonly #guest: TestGuest;
  readonly #connection: unknown;

  private constructor(guest: TestGuest, connection: unknown) {
    this.#guest = guest;
    this.#connection = connection;
  }

  static async open(guest: TestGuest): Promise<Asker> {
    return new Asker(guest, okOf(await guest.call(`${four} [static]connection.open`, running().url)));
  }

  ask(text: string, ...parameters: readonly Value[]): Promise<unknown> {
    return this.#guest.call(`${four} [method]connection.query`, this.#connection, text, parameters);
  }

  async rows(text: string, ...parameters: readonly Value[]): Promise<Value[][]> {
    return okOf<{ rows: Value[][] }>(await this.ask(text, ...parameters)).rows;
  }
}

test('the same statement again and again gives the same, whatever its parameters', { skip, timeout }, async () => {
  const guest = component.request();
  const asker = await Asker.open(guest);
  for (let count = 0; count < 5; count++) {
    assert.deepEqual(
      await asker.rows('SELECT $1::int4 + 1, $2::text', { tag: 'int32', val: count }, { tag: 'db-null' }),
      [[{ tag: 'int32', val: count + 1 }, { tag: 'db-null' }]],
    );
    assert.match(
      JSON.stringify(
        errOf(await asker.ask('SELECT $1::int4 + 1, $2::text', { tag: 'str', val: 'x' }, { tag: 'db-null' })),
      ),
      /WrongType|cannot convert/,
    );
    assert.match(JSON.stringify(errOf(await asker.ask('SELECT 1 / $1::int4', { tag: 'int32', val: 0 }))), /22012|zero/);
  }
  assert.equal(
    (await asker.rows('SELECT * FROM generate_series(1, $1::int4)', { tag: 'int32', val: 500 })).length,
    500,
  );
  assert.equal(
    (await asker.rows('SELECT * FROM generate_series(1, $1::int4)', { tag: 'int32', val: 500 })).length,
    500,
  );
  guest.end();
  assert.equal(guest.hostBytes.bytes, 0);
});

test('types that change between two runs of a statement lead to right values or errors', {
  skip,
  timeout,
}, async () => {
  const guest = component.request();
  const asker = await Asker.open(guest);
  await running().query('CREATE TABLE changing (k int4, v int4)');
  const insert = 'INSERT INTO changing VALUES ($1, 1)';
  const select = 'SELECT v FROM changing WHERE k = $1';
  const five: Value = { tag: 'int32', val: 5 };
  await asker.rows(insert, five);
  assert.deepEqual(await asker.rows(select, five), [[{ tag: 'int32', val: 1 }]]);
  await running().query('ALTER TABLE changing ALTER v TYPE text');
  assert.deepEqual(await asker.rows(select, five), [[{ tag: 'str', val: '1' }]]);
  await running().query('ALTER TABLE changing ALTER k TYPE float4');
  await asker.rows(insert, five).catch(() => undefined);
  for (const row of await running().query('SELECT k FROM changing')) assert.equal(Number(row.k), 5);
  await running().query('ALTER TABLE changing ALTER k TYPE text');
  assert.match(JSON.stringify(errOf(await asker.ask(select, five))), /WrongType|cannot convert/);
  assert.equal((await asker.rows(select, { tag: 'str', val: '5' })).length > 0, true);
  await running().query('DROP TABLE changing');
  assert.match(JSON.stringify(errOf(await asker.ask(select, { tag: 'str', val: '5' }))), /42P01|does not exist/);
  guest.end();
});

test('an error in a transaction ends it, as it does the first time', { skip, timeout }, async () => {
  const guest = component.request();
  const asker = await Asker.open(guest);
  const divide = 'SELECT 1 / $1::int4';
  assert.deepEqual(await asker.rows(divide, { tag: 'int32', val: 1 }), [[{ tag: 'int32', val: 1 }]]);
  await asker.rows('BEGIN');
  assert.match(JSON.stringify(errOf(await asker.ask(divide, { tag: 'int32', val: 0 }))), /22012|zero/);
  assert.match(JSON.stringify(errOf(await asker.ask(divide, { tag: 'int32', val: 1 }))), /25P02|aborted/);
  await asker.rows('ROLLBACK');
  assert.deepEqual(await asker.rows(divide, { tag: 'int32', val: 1 }), [[{ tag: 'int32', val: 1 }]]);
  guest.end();
});

test('what is kept of statements is bounded', () => {
  const types = new ParameterTypes();
  for (let index = 0; index < 300; index++) types.keep(`SELECT ${index}`, [23]);
  assert.deepEqual([types.get('SELECT 43'), types.get('SELECT 44')], [undefined, [23]]);
  types.keep('x'.repeat(4097), []);
  assert.equal(types.get('x'.repeat(4097)), undefined);
  types.keep('many', Array(257).fill(23));
  assert.equal(types.get('many'), undefined);
  types.forget('SELECT 299');
  assert.equal(types.get('SELECT 299'), undefined);
});
