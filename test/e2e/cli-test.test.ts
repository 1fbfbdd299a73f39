// `mayfly test`: requests and expectations against an app in surroundings of the test's own, with the results of people's
// and programs' liking.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { guestPath } from '../guests/build.ts';
import { mayfly } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-cli-test-'));
after(() => rmSync(folder, { recursive: true }));
const timeout = 120_000;

before(async () => {
  mkdirSync(join(folder, 'test'));
  writeFileSync(
    join(folder, 'spin.toml'),
    `spin_manifest_version = 2
application.name = "tested"
[variables]
token = { required = true }
[[trigger.http]]
route = "/stores/..."
component = "stores"
[[trigger.http]]
route = "/sdk/..."
component = "sdk"
[[trigger.http]]
route = "/cgi/..."
component = "cgi"
[component.stores]
source = ${JSON.stringify(await guestPath('stores-c'))}
key_value_stores = ["default", "cache"]
sqlite_databases = ["default"]
[component.sdk]
source = ${JSON.stringify(await guestPath('sdk-c'))}
allowed_outbound_hosts = ["https://api.example.com"]
[component.cgi]
source = ${JSON.stringify(await guestPath('cgi-c'))}
`,
  );
});

interface Report {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly tests: readonly { name: string; status: string; failures: string[]; output: string[]; file: string }[];
}

function run(name: string, text: string, ...args: string[]): Report & { code: number | null; stderr: string } {
  writeFileSync(join(folder, 'test', name), text);
  const { code, stdout, stderr } = mayfly(['test', `test/${name}`, '--json', ...args], folder);
  assert.notEqual(stdout, '', stderr);
  return { ...(JSON.parse(stdout) as Report), code, stderr };
}

const passing = `
variables = { token = "x" }
environment = { GREETING = "hi" }
[key_value.default]
greeting = "hello"
bytes = { base64 = "aGk=" }
[sqlite]
default = ["CREATE TABLE t (n INTEGER, s TEXT, b BLOB)"]

[[test]]
name = "reads what the file and the test have filled"
key_value.cache.more = { json = { a = [1] } }
[[test.request]]
path = "/stores/get?key=greeting"
expect.body = "hello"
expect.headers = { "x-none" = false }
[[test.request]]
path = "/stores/get?key=bytes"
expect.body = { base64 = "aGk=" }
[[test.request]]
path = "/stores/get?key=more&label=cache"
expect.body = { json = { a = [1] } }

[[test]]
name = "leaves keys and rows behind"
sqlite.default = ["INSERT INTO t VALUES (1, 'one', NULL)"]
[[test.request]]
path = "/stores/set?key=new&value=1%202"
[[test.request]]
path = "/stores/sql?text=INSERT%20INTO%20t%20VALUES%20(9007199254740993,%20%27two%27,%20x%2700ff%27)"
expect.body = { matches = "^no rows$" }
[test.after.key_value]
default = { new = "1 2", greeting = { contains = "ell" }, other = false }
[[test.after.sqlite]]
query = "SELECT * FROM t ORDER BY n"
rows = [[1, "one", { null = true }], [{ integer = "9007199254740993" }, "two", { base64 = "AP8=" }]]

[[test]]
name = "starts anew each time"
request = { path = "/stores/get?key=new", expect.body = "none" }

[[test]]
name = "answers outbound requests, and sees them"
request.path = "/sdk/forward?url=https%3A%2F%2Fapi.example.com%2Fusers%2F7"
request.method = "POST"
request.body = "sent"
request.expect = { status = 203, headers.x-got = { matches = "^yes$" }, body = { contains = "an answer" } }
[[test.http]]
method = "PUT"
url = "https://api.example.com/use*/7"
status = 202
headers = { X-Got = "yes" }
body = "an answer"
times = 1
[[test.after.http]]
url = "https://api.example.com/users/7"
body = "sent"
headers = { "x-none" = false }

[[test]]
name = "looks at what is printed, and sets the environment"
request = { path = "/cgi/env", expect.body = { contains = "GREETING=hi" } }
after.output = ["asked for /env"]

[[test]]
name = "is left out"
skip = "not yet"
`;

test('tests that pass', { timeout }, () => {
  const { code, passed, failed, skipped, tests } = run('all.test.toml', passing);
  assert.deepEqual(
    tests.filter(({ status }) => status === 'failed'),
    [],
  );
  assert.deepEqual([code, passed, failed, skipped], [0, 5, 0, 1]);
  assert.equal(existsSync(join(folder, '.spin')), false, 'nothing is kept');
  const some = run('all.test.toml', passing, '--filter', 'anew');
  assert.deepEqual(
    some.tests.map(({ name }) => name),
    ['starts anew each time'],
  );
});

test('tests that fail say why', { timeout }, () => {
  const { code, failed, tests } = run(
    'fail.test.json',
    JSON.stringify({
      variables: { token: 'x' },
      test: [
        {
          name: 'everything',
          request: [
            { path: '/stores/get?key=a', expect: { status: 201, body: 'some', headers: { 'x-a': 'b' } } },
            { path: '/nowhere', expect: { body: { json: 1 } } },
          ],
          after: {
            key_value: { default: { a: 'b' } },
            sqlite: [{ query: 'SELECT 1, 2', rows: [[1, 3]] }],
            http: [{ url: 'https://api.example.com/' }],
            output: ['never'],
          },
        },
        { name: 'no answer', request: { path: '/sdk/forward?url=https%3A%2F%2Fapi.example.com%2F', method: 'POST' } },
        { name: 'wrong statement', sqlite: { default: ['SELEC'] }, request: { path: '/' } },
        { name: 'no value', variables: {}, request: { path: '/cgi/fail', expect: { status: 500 } } },
      ],
    }),
  );
  assert.deepEqual([code, failed], [1, 3]);
  assert.deepEqual(tests[0]?.failures, [
    'request 1: the status is 200, not 201',
    'request 1: the header x-a is missing',
    'request 1: the body differs\n  expected: "some"\n  actual:   "none"',
    'request 2: the status is 404, not 200',
    'request 2: the body is no JSON: ""',
    'the key "a" of the store "default" is missing',
    '"SELECT 1, 2" gives other rows\n  expected: [1, 3]\n  actual:   [1, 2]',
    'a request to https://api.example.com/ was sent 0 times, not 1',
    'no line was printed that is "never"',
  ]);
  assert.match(tests[1]?.failures.join('\n') ?? '', /the app sent PUT https:\/\/api\.example\.com\/, for which/);
  assert.match(tests[2]?.failures.join('\n') ?? '', /error\[service-start\].*near "SELEC"/);
  assert.equal(tests[3]?.status, 'passed');
});

test('variables come from the test only, and permissions hold as always', { timeout }, () => {
  const text = `[[test]]
name = "no token"
request.path = "/cgi/env"
[[test]]
name = "another host"
variables.token = "x"
request = { path = "/sdk/forward?url=https%3A%2F%2Fother.example.com%2F", method = "POST", expect.body = { contains = "denied" } }
http = [{ url = "*" }]
`;
  writeFileSync(join(folder, '.env'), 'SPIN_VARIABLE_TOKEN=x');
  const { tests } = run('permissions.test.toml', text);
  assert.match(tests[0]?.failures.join('\n') ?? '', /"token"/);
  assert.deepEqual(tests[1]?.failures, []);
  assert.match(tests[1]?.output.join('\n') ?? '', /https:\/\/other\.example\.com/);
});

test('results are printed as node:test prints them', { timeout }, () => {
  writeFileSync(
    join(folder, 'one.test.toml'),
    'variables.token = "x"\n[[test]]\nname = "good"\nrequest.path = "/cgi/env"\n[[test]]\nname = "bad"\nrequest.path = "/no"\n',
  );
  const { code, stdout } = mayfly(['test', 'one.test.toml'], folder);
  assert.equal(code, 1);
  const plain = stdout.replace(/\(\d+\.\dms\)/g, '(ms)').replace(/duration_ms .*/, 'duration_ms');
  assert.equal(
    plain,
    '▶ one.test.toml\n  ✔ good (ms)\n  ✖ bad (ms)\n      the status is 404, not 200\n' +
      'ℹ tests 2\nℹ pass 1\nℹ fail 1\nℹ skipped 0\nℹ duration_ms\n',
  );
  const all = mayfly(['test', '--filter', 'good', '-f', 'spin.toml'], folder);
  assert.match(all.stdout, /ℹ tests 1\n/);
});

test('a file of tests that is wrong is told with its places', { timeout }, () => {
  writeFileSync(join(folder, 'wrong.toml'), '[[test]]\nname = 1\nrequest.path = "x"\n[[test]]\nnam = "x"\n');
  const { code, stderr } = mayfly(['test', 'wrong.toml'], folder);
  assert.equal(code, 1);
  assert.match(stderr, /error\[test-invalid\]: "test\.0\.name"[\s\S]*at wrong\.toml:2:1[\s\S]*"test\.1/);
  writeFileSync(join(folder, 'wrong.toml'), 'test = ');
  assert.match(mayfly(['test', 'wrong.toml'], folder).stderr, /error\[test-invalid\]: The tests cannot be read/);
});

test('expressions, requests and files that are none are mistakes of the tests, told in words', { timeout }, () => {
  const wrong = (text: string): string => {
    writeFileSync(join(folder, 'wrong.toml'), text);
    const { code, stdout, stderr } = mayfly(['test', 'wrong.toml'], folder);
    assert.equal(code, 1);
    assert.doesNotMatch(stdout + stderr, /defect of Mayfly|Invalid input/);
    return stdout + stderr;
  };
  const head = 'variables = { token = "x" }\n[[test]]\nname = "a"\nrequest = ';
  const body = '{ path = "/", expect = { body = { matches = "(" } } }';
  assert.match(wrong(`${head}${body}`), /test\.0\.request[\s\S]*no regular expression/);
  assert.match(wrong(`${head}{ path = "/", hots = "x" }`), /there is no key 'hots'/);
  assert.match(wrong(`${head}{ path = 7 }`), /it is no string/);
  for (const bad of ['host = "a b"', 'headers = { "a b" = "x" }', 'method = "BAD METHOD"', 'body = "x"']) {
    assert.match(wrong(`${head}{ path = "/", ${bad} }`), /The request of the test "a" cannot be sent/);
  }
  assert.match(wrong(`${head}{ path = "/", method = "POST", body = { file = "/dev/zero" } }`), /it is no file/);
});
