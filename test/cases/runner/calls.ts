// The calls of a case: what the guest gets, and what it must answer. The guests are in test/guests/calls.
import assert from 'node:assert/strict';

/** Short names of interfaces: the number is the major version of Spin's. */
const interfaces: Readonly<Record<string, string>> = {
  var1: 'fermyon:spin/config',
  var2: 'fermyon:spin/variables@2.0.0',
  var3: 'spin:variables/variables@3.0.0',
  config: 'wasi:config/store@0.2.0-draft-2024-09-27',
  kv1: 'fermyon:spin/key-value',
  kv2: 'fermyon:spin/key-value@2.0.0',
  kv3: 'spin:key-value/key-value@3.0.0',
  store: 'wasi:keyvalue/store@0.2.0-draft2',
  batch: 'wasi:keyvalue/batch@0.2.0-draft2',
  atomics: 'wasi:keyvalue/atomics@0.2.0-draft2',
  sql1: 'fermyon:spin/sqlite',
  sql2: 'fermyon:spin/sqlite@2.0.0',
  sql30: 'spin:sqlite/sqlite@3.0.0',
  sql31: 'spin:sqlite/sqlite@3.1.0',
  redis1: 'fermyon:spin/redis',
  redis2: 'fermyon:spin/redis@2.0.0',
  redis3: 'spin:redis/redis@3.0.0',
  mqtt2: 'fermyon:spin/mqtt@2.0.0',
  mqtt3: 'spin:mqtt/mqtt@3.0.0',
  pg1: 'fermyon:spin/postgres',
  pg2: 'fermyon:spin/postgres@2.0.0',
  pg3: 'spin:postgres/postgres@3.0.0',
  pg4: 'spin:postgres/postgres@4.2.0',
  mysql1: 'fermyon:spin/mysql',
  mysql2: 'fermyon:spin/mysql@2.0.0',
  mysql3: 'spin:mysql/mysql@3.0.0',
  llm1: 'fermyon:spin/llm',
  llm2: 'fermyon:spin/llm@2.0.0',
  http1: 'fermyon:spin/http',
  env: 'wasi:cli/environment@0.2.12',
  clock: 'wasi:clocks/monotonic-clock@0.2.12',
  random: 'wasi:random/random@0.2.12',
  poll: 'wasi:io/poll@0.2.12',
  streams: 'wasi:io/streams@0.2.12',
  preopens: 'wasi:filesystem/preopens@0.2.12',
  fs: 'wasi:filesystem/types@0.2.12',
  network: 'wasi:sockets/instance-network@0.2.12',
  'tcp-new': 'wasi:sockets/tcp-create-socket@0.2.12',
  tcp: 'wasi:sockets/tcp@0.2.12',
  'udp-new': 'wasi:sockets/udp-create-socket@0.2.12',
  udp: 'wasi:sockets/udp@0.2.12',
  lookup: 'wasi:sockets/ip-name-lookup@0.2.12',
};

interface Call {
  readonly line: string;
  /** Undefined: anything but an error. */
  readonly gives: string | undefined;
}

function callsOf(text: string): Call[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('//'))
    .map((line) => {
      const [call = '', ...gives] = line.split(/\s+=> /);
      return { line: call.trim(), gives: gives.length === 0 ? undefined : gives.join(' => ') };
    });
}

/** What stands before the call in a line: a variable, and how often. */
const beforeCall = /^(?:repeat\(\d+\) |[a-z0-9-]+ = )*/;

/** The body of the request that asks a guest for the calls. */
export function callsBody(text: string): string {
  return callsOf(text)
    .map(({ line }) => withInterface(line))
    .join('\n');
}

/** `s = kv2.open("a")` → `s = fermyon:spin/key-value@2.0.0#open("a")`. */
function withInterface(line: string): string {
  const [before = ''] = beforeCall.exec(line) ?? [];
  const [short = ''] = /^[a-z0-9-]+(?=\.[a-z0-9-]+\()/.exec(line.slice(before.length)) ?? [];
  if (short === '') return line; // trap(), drop(name)
  const name = interfaces[short];
  if (name === undefined) throw new Error(`No interface is called ${short}: ${line}`);
  return `${before}${name}#${line.slice(before.length + short.length + 1)}`;
}

/** Compares the lines of an answer. What is between two slashes is an expression for the whole line. */
export function checkCalls(text: string, answer: string): void {
  const calls = callsOf(text);
  const lines = answer.split('\n');
  const shown = calls.map(({ line }, index) => `${line} => ${lines[index] ?? 'nothing: the guest ended'}`).join('\n');
  for (const [index, { line, gives }] of calls.entries()) {
    const given = lines[index] ?? '';
    const expression = gives === undefined ? undefined : /^\/(.*)\/$/.exec(gives)?.[1];
    const problem = `${line}\n\nAll of them:\n${shown}\n`;
    if (expression !== undefined) assert.match(given, new RegExp(`^(?:${expression})$`), problem);
    else if (gives === undefined) assert.doesNotMatch(given, /^(err|expected|no such|too many|cannot|$)/, problem);
    else assert.equal(given, gives, problem);
  }
}
