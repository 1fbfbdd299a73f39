// Programs in Python, each with a request and its answer: WSGI, ASGI, the classes of Spin's SDK, modules, values, mistakes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../../src/errors.ts';
import { type App, load } from '../../src/index.ts';
import type { LibraryOptions } from '../../src/library/load.ts';
import { testLog } from '../../src/telemetry/log.test-kit.ts';
import { pythonMissing } from '../support/python-engine.ts';

const skip = await pythonMissing();
const timeout = 60_000;

interface Case {
  readonly name: string;
  readonly program: string;
  /** Further modules, by their paths. */
  readonly modules?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly init?: RequestInit;
  readonly status?: number;
  /** The body: a text, what its JSON is, or what it matches. */
  readonly answer: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What lines of the log have to say. */
  readonly says?: RegExp;
}

/** What the log and `onError` are told. */
function listening(): Pick<LibraryOptions, 'log' | 'onError'> & { said(): string } {
  const { log, messages } = testLog();
  const errors: string[] = [];
  return {
    log,
    onError: (error) => void errors.push(error.message, String(error.cause)),
    said: () => [...messages(), ...errors].join('\n'),
  };
}

/** A program of WSGI that answers with the JSON of what an expression gives. */
const wsgi = (expression: string, before = ''): string => `import json
${before}
def app(environ, start_response):
    start_response("200 OK", [("content-type", "application/json")])
    return [json.dumps(${expression}).encode()]
`;
const sdk = (body: string, before = ''): string => `from spin_sdk.http import Handler, Request, Response
${before}
class HttpHandler(Handler):
    async def handle_request(self, request: Request) -> Response:
${body.replace(/^/gm, '        ')}
`;

const cases: readonly Case[] = [
  // Forms
  { name: 'a function of WSGI', program: wsgi('environ["REQUEST_METHOD"]'), answer: 'GET' },
  {
    name: 'an object of WSGI',
    program: `class App:
    def __call__(self, environ, start_response):
        start_response("201 Created", [("x-a", "b")])
        return [b"one ", b"two"]
app = App()`,
    status: 201,
    headers: { 'x-a': 'b', 'content-length': '7' },
    answer: 'one two',
  },
  {
    name: 'an application of WSGI that is called so',
    program: wsgi('1').replace('def app', 'def application'),
    answer: 1,
  },
  {
    name: 'a generator, and its end is told',
    program: `class Body:
    def __iter__(self):
        yield b""
        yield b"a"
        yield b"b"
    def close(self):
        print("closed")
def app(environ, start_response):
    start_response("200 OK", [])
    return Body()`,
    answer: 'ab',
    says: /closed/,
  },
  {
    name: 'what the old way of writing writes',
    program: `def app(environ, start_response):
    write = start_response("200 OK", [])
    write(b"first ")
    return [b"second"]`,
    answer: 'first second',
  },
  {
    name: 'ASGI',
    program: `async def app(scope, receive, send):
    event = await receive()
    body = event["body"] + scope["path"].encode() + b" " + scope["query_string"]
    await send({"type": "http.response.start", "status": 202, "headers": [(b"x-a", b"b")]})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b"."})`,
    path: '/a%20b?c=d',
    init: { method: 'POST', body: 'body ' },
    status: 202,
    headers: { 'x-a': 'b' },
    answer: 'body /a b c=d.',
  },
  {
    name: "a class of Spin's SDK",
    program: sdk('return Response(200, {"x-a": "b"}, bytes(f"{request.method} {request.uri}", "utf-8"))'),
    path: '/p?q',
    headers: { 'x-a': 'b', 'content-length': '8' },
    answer: 'GET /p?q',
  },
  {
    name: "a class of Spin's SDK 3, which waits for nothing",
    program: `from spin_sdk.http import IncomingHandler, Request, Response
class IncomingHandler(IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        return Response(200, {}, request.body)`,
    init: { method: 'PUT', body: 'äöü' },
    answer: 'äöü',
  },
  {
    name: 'the class that has the name, whatever else there is',
    program: `from spin_sdk.http import Handler, Response
class HttpHandler(Handler):
    word = "base"
    async def handle_request(self, request):
        return Response(200, {}, self.word.encode())
class Other(HttpHandler):
    word = "other"`,
    answer: 'base',
  },
  {
    name: 'the last class, where none has the name',
    program: `from spin_sdk.http import Handler, Response
class Base(Handler):
    async def handle_request(self, request):
        return Response(200, {}, type(self).__name__.encode())
class Mine(Base):
    pass`,
    answer: 'Mine',
  },
  {
    name: 'a function',
    program: `from spin_sdk.http import Response
def handle_request(request):
    return Response(404, {}, "no " + request.uri)`,
    status: 404,
    answer: 'no /',
  },
  // Requests
  {
    name: 'what a request is in WSGI',
    program: wsgi(
      '{key: environ[key] for key in ["PATH_INFO", "QUERY_STRING", "HTTP_X_A", "CONTENT_TYPE", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme"]}',
    ),
    path: '/%C3%A4/b?c=%20',
    init: { method: 'POST', headers: { 'x-a': 'b', 'content-type': 'text/x' }, body: 'x' },
    answer: {
      PATH_INFO: 'Ã¤/b'.replace(/^/, '/'),
      QUERY_STRING: 'c=%20',
      HTTP_X_A: 'b',
      CONTENT_TYPE: 'text/x',
      HTTP_HOST: 'app',
      SERVER_NAME: 'app',
      SERVER_PORT: '80',
      'wsgi.url_scheme': 'http',
    },
  },
  {
    name: 'a body of 300 KB, there and back',
    program: `def app(environ, start_response):
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    start_response("200 OK", [])
    return [body[::-1]]`,
    init: { method: 'POST', body: `${'x'.repeat(300_000)}y` },
    answer: `y${'x'.repeat(300_000)}`,
  },
  // The library
  {
    name: 'modules of the library that are rarely used',
    program: wsgi(
      '[str(Decimal("0.1") + Decimal("0.2")), hashlib.sha256(b"").hexdigest()[:8], zlib.crc32(b"a"), str(ZoneInfo.__name__), fromstring("<a>b</a>").text, escape("<")]',
      `import hashlib, zlib
from decimal import Decimal
from zoneinfo import ZoneInfo
from xml.etree.ElementTree import fromstring
from html import escape`,
    ),
    answer: ['0.3', 'e3b0c442', 3904355907, 'ZoneInfo', 'b', '&lt;'],
  },
  {
    name: 'timers of asyncio',
    program: sdk(
      `before = time.monotonic()
await asyncio.sleep(0.02)
try:
    await asyncio.wait_for(asyncio.sleep(60), 0.02)
    late = False
except TimeoutError:
    late = True
both = await asyncio.gather(asyncio.sleep(0.01, 1), asyncio.sleep(0.01, 2))
return Response(200, {}, json.dumps([late, both, 0.04 < time.monotonic() - before < 5]).encode())`,
      'import asyncio, json, time',
    ),
    answer: [true, [1, 2], true],
  },
  // Modules
  {
    name: 'modules and packages of the program',
    program: wsgi(
      '[helper.word, own.inner.word, deep.word]',
      'import helper\nimport own.inner\nfrom space.deep import deep',
    ),
    modules: {
      'helper.py': 'word = "helper"',
      'own/__init__.py': 'from .other import word',
      'own/other.py': 'word = "other"',
      'own/inner.py': 'from . import word as above\nfrom .other import word as beside\nword = above + " " + beside',
      'space/deep/deep.py': 'word = "deep"',
    },
    answer: ['helper', 'other other', 'deep'],
  },
  {
    name: 'a module hides that of the library which has its name',
    program: wsgi('calendar.word', 'import calendar'),
    modules: { 'calendar.py': 'word = "own"' },
    answer: 'own',
  },
  { name: 'its own name', program: wsgi('[__name__, __file__]'), answer: ['app', 'app.py'] },
  // Mistakes
  {
    name: 'an exception is a 500, and the log has its lines',
    program: `def fail():
    return 1 / 0
def app(environ, start_response):
    return fail()`,
    status: 500,
    answer: /./,
    says: /Traceback[\s\S]*File "app.py", line 4, in app[\s\S]*File "app.py", line 2, in fail\n {4}return 1 \/ 0[\s\S]*ZeroDivisionError: division by zero/,
  },
  {
    name: 'no response',
    program: 'def app(environ, start_response):\n    return []',
    status: 500,
    answer: /./,
    says: /The program answered nothing: its response was not started/,
  },
  {
    name: 'something else than a response',
    program: sdk('return "hello"'),
    status: 500,
    answer: /./,
    says: /The handler returned str: it must return a spin_sdk.http.Response/,
  },
  {
    name: 'fields that belong to the connection are left out',
    program: `def app(environ, start_response):
    start_response("200 OK", [("connection", "close"), ("Transfer-Encoding", "chunked"), ("x-a", "b")])
    return [b"x"]`,
    headers: { 'x-a': 'b' },
    answer: 'x',
  },
];

const loadProgram = (
  program: string,
  options: LibraryOptions = {},
  modules: Readonly<Record<string, string>> = {},
): Promise<App> => load({ modules: { 'app.py': program, ...modules } }, options);

for (const { name, program, modules, path = '/', init, status = 200, answer, headers = {}, says } of cases) {
  test(name, { skip, timeout }, async (t) => {
    const { said, ...told } = listening();
    const app = await loadProgram(program, told, modules);
    t.after(() => app.close());
    // Twice: the second request finds nothing of the first.
    for (let time = 0; time < 2; time++) {
      const response = await app.fetch(`http://app${path}`, init);
      const text = await response.text();
      assert.equal(response.status, status, `${text}\n${said()}`);
      if (answer instanceof RegExp) assert.match(`${text}.`, answer);
      else assert.deepEqual(typeof answer === 'string' && !text.startsWith('"') ? text : JSON.parse(text), answer);
      for (const [key, value] of Object.entries(headers)) assert.equal(response.headers.get(key), value);
    }
    if (says) assert.match(said(), says);
  });
}

test('requests share nothing: not what one leaves, nor random values', { skip, timeout }, async (t) => {
  const program = wsgi(
    '[count(), random.random(), os.urandom(4).hex(), str(uuid.uuid4()), secrets.token_hex(4)]',
    'import os, random, secrets, uuid\nseen = []\nat_start = random.random()\ndef count():\n    seen.append(1)\n    return len(seen)',
  );
  const app = await loadProgram(program);
  t.after(() => app.close());
  const answers: unknown[][] = [];
  for (let time = 0; time < 3; time++) answers.push((await (await app.fetch('http://app/')).json()) as unknown[]);
  assert.deepEqual(
    answers.map(([count]) => count),
    [1, 1, 1],
  );
  for (let part = 1; part < 5; part++) assert.equal(new Set(answers.map((one) => one[part])).size, 3, `part ${part}`);
});

test('functions are called with values, and theirs come back', { skip, timeout }, async (t) => {
  const app = await loadProgram(`import dataclasses, datetime
@dataclasses.dataclass
class Point:
    x: int
def same(value): return value
async def kinds(value): return type(value).__name__
def point(): return Point(1)
def fail(): raise KeyError("k")
def when(): return datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)
_hidden = same`);
  t.after(() => app.close());
  const values = [
    null,
    true,
    'ä',
    1.5,
    2n ** 70n,
    Number.NaN,
    [1, [2]],
    ['$', 1],
    { a: { b: [] } },
    new Map([[1, 'x']]),
    new Set(['x']),
  ];
  for (const value of values) assert.deepEqual(await app.call('same', value), value);
  assert.deepEqual(await app.call('same', new Uint8Array([0, 255])), new Uint8Array([0, 255]));
  assert.equal(await app.call('kinds', undefined), 'NoneType');
  assert.equal(await app.call('kinds', new Date(0)), 'datetime');
  assert.deepEqual(await app.call('point'), { x: 1 });
  assert.deepEqual(await app.call('when'), new Date('2024-02-29'));
  await assert.rejects(app.call('fail'), { name: 'KeyError', message: "'k'" });
  await assert.rejects(app.call('nothing'), /The program has no function "nothing"/);
  await assert.rejects(app.call('_hidden', 1), /The program has no function "_hidden"/);
  const response = await app.fetch('http://app/');
  assert.equal(response.status, 500);
  await response.body?.cancel();
});

const denied: readonly (readonly [service: string, imports: string, call: string, says: RegExp])[] = [
  ['key-value', 'from spin_sdk import key_value', 'await key_value.open_default()', /AccessDenied/],
  ['sqlite', 'from spin_sdk import sqlite', 'await sqlite.Connection.open_default()', /AccessDenied/],
  ['variables', 'from spin_sdk import variables', 'await variables.get("secret")', /Undefined/],
  [
    'redis',
    'from spin_sdk import redis',
    'await redis.open("redis://127.0.0.1:1")',
    /not permitted|Other|InvalidAddress/,
  ],
  [
    'HTTP',
    'from spin_sdk import http',
    'await http.send(http.Request("GET", "http://127.0.0.1:1/", {}, None))',
    /HttpRequestDenied/,
  ],
];
for (const [service, imports, call, says] of denied) {
  test(`${service} is denied by default`, { skip, timeout }, async (t) => {
    const program = sdk(
      `try:
    value = ${call}
    text = f"it has {value!r}"
except Exception as error:
    text = f"{type(error).__name__} {error!r}"
return Response(200, {}, text.encode())`,
      imports,
    );
    const { said, ...told } = listening();
    const app = await loadProgram(program, told);
    t.after(() => app.close());
    const response = await app.fetch('http://app/');
    assert.match(await response.text(), says, said());
  });
}

test('variables that the host grants are there', { skip, timeout }, async (t) => {
  const program = sdk(
    'return Response(200, {}, (await variables.get("word")).encode())',
    'from spin_sdk import variables',
  );
  const app = await loadProgram(program, { variables: { word: 'granted' } });
  t.after(() => app.close());
  assert.equal(await (await app.fetch('http://app/')).text(), 'granted');
});

const faults: readonly (readonly [name: string, program: string, message: RegExp, line: number | undefined])[] = [
  ['a syntax error', 'x = 1\ndef app(:\n    pass', /^SyntaxError: invalid syntax/, 2],
  ['an exception at the top level', '\n\nraise ValueError("no")', /^ValueError: no/, 3],
  ['a module that is nowhere', 'import json\nimport nowhere', /^ModuleNotFoundError: No module named 'nowhere'/, 2],
  ['no handler', 'x = 1', /It has no handler: a program has a WSGI or ASGI application/, undefined],
];
for (const [name, program, message, line] of faults) {
  test(`at load: ${name}`, { skip, timeout }, async () => {
    const error = await loadProgram(program).then(
      () => assert.fail('it was loaded'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof MayflyError && error.code === 'script-failed', String(error));
    assert.match(error.message, message);
    assert.equal(error.location && 'line' in error.location ? error.location.line : undefined, line);
  });
}

test('a program without end, one that takes all memory, and one that recurses end alone', {
  skip,
  timeout: 120_000,
}, async (t) => {
  const program = `def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/loop":
        while True: pass
    if path == "/memory":
        held = []
        while True: held.append(bytearray(1 << 20))
    if path == "/deep":
        def deep(n): return deep(n + 1)
        deep(0)
    start_response("200 OK", [])
    return [b"well"]`;
  const { said, ...told } = listening();
  const app = await loadProgram(program, { ...told, limits: { cpu: '1s', memory: '256MiB' } });
  t.after(() => app.close());
  for (const path of ['/loop', '/memory', '/deep']) {
    const response = await app.fetch(`http://app${path}`);
    assert.notEqual(response.status, 200, path);
    // An answer that nobody reads keeps its sandbox.
    await response.body?.cancel();
    assert.equal(await (await app.fetch('http://app/')).text(), 'well', path);
  }
  assert.match(said(), /MemoryError/);
  assert.match(said(), /RecursionError/);
});
