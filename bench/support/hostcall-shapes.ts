// The shapes of calls that the `hostcalls` row measures: for each, a guest that calls the host in a loop, and the host's
// function. Everything that the guest allocates for results lies at one place that it uses again.

export interface Shape {
  readonly name: string;
  readonly functions: Readonly<Record<string, (state: never, ...args: never[]) => unknown>>;
  /** A component that exports `run: func(calls: u32)`. */
  readonly text: string;
}

/** In guest memory: 1 KiB of letters from 1024 on; results of calls are put at 8192. */
const memory = `(core module $memory (memory (export "memory") 1)
    (data (i32.const 1024) "${'abcdefghijklmnop'.repeat(64)}")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8192)))
  (core instance $memory (instantiate $memory))`;

interface Guest {
  /** Types that the signature needs, inside of the imported instance. */
  readonly types?: string;
  readonly name: string;
  readonly signature: string;
  /** Core parameters and results of the lowered function. */
  readonly core: string;
  /** One call, with $i as the number of the turn. */
  readonly call: string;
  /** Before the loop, with \`$handle\` to set. */
  readonly before?: { readonly name: string; readonly signature: string; readonly core: string; readonly call: string };
}

function guest({ types = '', name, signature, core, call, before }: Guest): string {
  const imports = [before, { name, signature, core }].filter((one) => one !== undefined);
  const exported = imports.map((one) => `(export "${one.name}" (func ${one.signature}))`).join(' ');
  const options = '(memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))';
  const lowered = imports.map((one, at) => `(core func $f${at} (canon lower (func $host "${one.name}") ${options}))`);
  const declared = imports.map((one, at) => `(import "h" "f${at}" (func $f${at} ${one.core}))`);
  const given = imports.map((_, at) => `(export "f${at}" (func $f${at}))`);
  return `(component
  (import "bench:host/calls" (instance $host ${types} ${exported}))
  ${memory}
  ${lowered.join('\n  ')}
  (core module $m ${declared.join(' ')}
    (func (export "run") (param $n i32) (local $i i32) (local $handle i32)
      ${before?.call ?? ''}
      (loop $again
        ${call}
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (local.get $n))))))
  (core instance $i (instantiate $m (with "h" (instance ${given.join(' ')}))))
  (func (export "run") (param "calls" u32) (canon lift (core func $i "run"))))`;
}

const kib = new Uint8Array(1024).fill(97);
const record = { name: 'Ephemera danica', kind: 'mayfly', hours: 24, lives: true };
const recordType = `(type $r (record (field "name" string) (field "kind" string) (field "hours" u32) (field "lives" bool)))
    (export "fly" (type $fly (eq $r)))`;
const at = (place: number, length: number): string => `(i32.const ${place}) (i32.const ${length})`;

export const shapes: readonly Shape[] = [
  {
    name: 'u32 → u32',
    functions: { f: (_, value: never) => (value as number) + 1 },
    text: guest({
      name: 'f',
      signature: '(param "x" u32) (result u32)',
      core: '(param i32) (result i32)',
      call: '(drop (call $f0 (local.get $i)))',
    }),
  },
  {
    name: 'string of 16 →',
    functions: { f: () => undefined },
    text: guest({
      name: 'f',
      signature: '(param "x" string)',
      core: '(param i32 i32)',
      call: `(call $f0 ${at(1024, 16)})`,
    }),
  },
  {
    name: '→ string of 16',
    functions: { f: () => 'abcdefghijklmnop' },
    text: guest({ name: 'f', signature: '(result string)', core: '(param i32)', call: '(call $f0 (i32.const 512))' }),
  },
  {
    name: 'list of 1 KiB →',
    functions: { f: () => undefined },
    text: guest({
      name: 'f',
      signature: '(param "x" (list u8))',
      core: '(param i32 i32)',
      call: `(call $f0 ${at(1024, 1024)})`,
    }),
  },
  {
    name: '→ list of 1 KiB',
    functions: { f: () => kib },
    text: guest({
      name: 'f',
      signature: '(result (list u8))',
      core: '(param i32)',
      call: '(call $f0 (i32.const 512))',
    }),
  },
  {
    name: 'record with two strings →',
    functions: { f: () => undefined },
    text: guest({
      types: recordType,
      name: 'f',
      signature: '(param "x" $fly)',
      core: '(param i32 i32 i32 i32 i32 i32)',
      call: `(call $f0 ${at(1024, 15)} ${at(1040, 6)} (i32.const 24) (i32.const 1))`,
    }),
  },
  {
    name: '→ record with two strings',
    functions: { f: () => record },
    text: guest({
      types: recordType,
      name: 'f',
      signature: '(result $fly)',
      core: '(param i32)',
      call: '(call $f0 (i32.const 512))',
    }),
  },
  {
    name: 'method of a resource, u32 → u32',
    functions: {
      make: () => ({ added: 0 }),
      '[method]thing.add': (_, self: never, value: never) => (self as { added: number }).added + (value as number),
    },
    text: guest({
      types: '(export "thing" (type $thing (sub resource)))',
      name: '[method]thing.add',
      signature: '(param "self" (borrow $thing)) (param "x" u32) (result u32)',
      core: '(param i32 i32) (result i32)',
      call: '(drop (call $f1 (local.get $handle) (local.get $i)))',
      before: {
        name: 'make',
        signature: '(result (own $thing))',
        core: '(result i32)',
        call: '(local.set $handle (call $f0))',
      },
    }),
  },
];
