// Entries of allowed_outbound_hosts that a variable makes malformed: said when the app is loaded, all at once.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { load, MayflyError } from '../../src/index.ts';
import { guestPath } from '../guests/build.ts';

const short = { timeout: 20_000 };
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-hosts-'));
  const source = JSON.stringify(await guestPath('hello-c'));
  const component = (id: string): string => `[[trigger.http]]
route = "/${id}"
component = "${id}"
[component.${id}]
source = ${source}
allowed_outbound_hosts = ["https://{{ host }}", "http://{{ other }}"]`;
  await writeFile(
    join(folder, 'spin.toml'),
    `spin_manifest_version = 2
[application]
name = "hosts"
[variables]
host = { default = "a.example" }
other = { default = "" }
${component('one')}
${component('two')}
`,
  );
});

after(() => rm(folder, { recursive: true }));

test('every malformed entry of every component is one problem, at the place of its component', short, async () => {
  const variables = { host: 'a.example:no-port', other: 'b*c' };
  await assert.rejects(load(join(folder, 'spin.toml'), { variables }), (error) => {
    assert.ok(error instanceof MayflyError);
    assert.equal(error.code, 'app-invalid');
    const faults = [
      'has the value of a variable as its port',
      'has a * inside a name: it stands for a whole host, or before the first dot',
    ];
    const expected = [
      { id: 'one', line: 10 },
      { id: 'two', line: 16 },
    ].flatMap(({ id, line }) =>
      faults.map((fault) => [line, `An entry of allowed_outbound_hosts of component "${id}" ${fault}`]),
    );
    const { problems } = error;
    assert.deepEqual(new Set(problems.map(({ code }) => code)), new Set(['manifest-allowed-host']));
    assert.deepEqual(problems.map(({ location, message }) => [location?.line, message]).sort(), expected.sort());
    return true;
  });
});

test(
  'with values that make hosts of them, the app is loaded; an entry that stays empty counts as absent',
  short,
  async () => {
    const app = await load(join(folder, 'spin.toml'));
    await app.close();
  },
);
