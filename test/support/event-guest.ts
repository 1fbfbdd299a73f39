// A guest that handles messages and ticks, as text, for the worlds of Spin's triggers. What it does stands in the payload.
import { componentEmbed, componentNew } from '@bytecodealliance/jco';
import { assemble } from './wat.ts';

/** A handler as its world declares it, and the core function that implements it. */
interface Form {
  readonly packages: string;
  readonly exports: string;
  /** The name of the core function. */
  readonly name: string;
  /**
   * Its parameters. The first two are the payload, where there is one; of the eight of a queue's message those are the
   * last two, and the fourth and fifth the list of its attributes.
   */
  readonly params: string;
  /** Where the length of an error's text goes: handlers whose errors are enums have none. */
  readonly hasText: boolean;
}

const redisTypes = `package fermyon:spin { interface redis-types { enum error { success, error } type payload = list<u8>; }
  interface inbound-redis { use redis-types.{payload, error}; handle-message: func(message: payload) -> result<_, error>; } }`;

const redis3 = `package spin:redis@3.0.0 { interface redis {
    variant error { invalid-address, too-many-connections, type-error, other(string) } type payload = list<u8>; }
  interface inbound-redis { use redis.{payload, error}; handle-message: func(message: payload) -> result<_, error>; } }`;

const mqtt = (name: string): string => `package ${name} { interface spin-mqtt-types {
    variant error { other(string) } record metadata { topic: string } type payload = list<u8>; } }`;
const cron = (name: string): string => `package ${name} { interface cron-types {
    record metadata { timestamp: u64 } variant error { other(string) } } }`;

const sqs = (name: string): string => `package ${name} { interface sqs-types {
    variant message-attribute-value { str(string), binary(list<u8>) }
    record message-attribute { name: string, data-type: option<string>, value: message-attribute-value }
    record message { id: option<string>, message-attributes: list<message-attribute>, body: option<string> }
    variant error { other(string) } enum message-action { delete, leave } } }`;

const forms = {
  'redis-1': {
    packages: redisTypes,
    exports: 'export fermyon:spin/inbound-redis;',
    name: 'fermyon:spin/inbound-redis#handle-message',
    params: '(param i32 i32)',
    hasText: false,
  },
  'redis-3': {
    packages: redis3.replace('handle-message: func', 'handle-message: async func'),
    exports: 'export spin:redis/inbound-redis@3.0.0;',
    name: 'spin:redis/inbound-redis@3.0.0#handle-message',
    params: '(param i32 i32)',
    hasText: true,
  },
  mqtt: {
    packages: mqtt('spin:mqtt-trigger@3.0.0'),
    exports: `use spin:mqtt-trigger/spin-mqtt-types@3.0.0.{payload, metadata, error};
      export handle-message: async func(message: payload, metadata: metadata) -> result<_, error>;`,
    name: 'handle-message',
    params: '(param i32 i32 i32 i32)',
    hasText: true,
  },
  cron: {
    packages: cron('spin:cron@3.0.0'),
    exports: `use spin:cron/cron-types@3.0.0.{metadata, error};
      export handle-cron-event: async func(metadata: metadata) -> result<_, error>;`,
    name: 'handle-cron-event',
    params: '(param i64)',
    hasText: true,
  },
  'cron-2': {
    packages: cron('fermyon:spin-cron@2.0.0'),
    exports: `use fermyon:spin-cron/cron-types@2.0.0.{metadata, error};
      export handle-cron-event: func(metadata: metadata) -> result<_, error>;`,
    name: 'handle-cron-event',
    params: '(param i64)',
    hasText: true,
  },
  sqs: {
    packages: sqs('spin:sqs@3.0.0'),
    exports: `use spin:sqs/sqs-types@3.0.0.{message, message-action, error};
      export handle-queue-message: async func(message: message) -> result<message-action, error>;`,
    name: 'handle-queue-message',
    params: '(param i32 i32 i32 i32 i32 i32 i32 i32)',
    hasText: true,
  },
  'sqs-2': {
    packages: sqs('fermyon:spin-sqs@2.0.0'),
    exports: `use fermyon:spin-sqs/sqs-types@2.0.0.{message, message-action, error};
      export handle-queue-message: func(message: message) -> result<message-action, error>;`,
    name: 'handle-queue-message',
    params: '(param i32 i32 i32 i32 i32 i32 i32 i32)',
    hasText: true,
  },
} as const satisfies Record<string, Form>;

export type EventGuestForm = keyof typeof forms;

const wasi = `
package wasi:io@0.2.0 {
  interface error { resource error; }
  interface poll { resource pollable { block: func(); } }
  interface streams {
    use error.{error};
    variant stream-error { last-operation-failed(error), closed }
    resource output-stream { blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>; }
  }
}
package wasi:cli@0.2.0 { interface stdout { use wasi:io/streams@0.2.0.{output-stream}; get-stdout: func() -> output-stream; } }
package wasi:clocks@0.2.0 { interface monotonic-clock {
  use wasi:io/poll@0.2.0.{pollable}; type duration = u64; subscribe-duration: func(when: duration) -> pollable; } }`;

/**
 * A payload is printed as a line. Before that, "w3…" waits for three tenths of a second, "b…" computes without an end and
 * "t…" traps; "e…" is returned as an error. A sandbox that had an event before prints "used". A tick prints "tick";
 * one that is to "fail" returns an error, one that is to "wait" does so for 2.5 s, and "async" is a task. A message of a
 * queue that begins with "l" is to be left there; the attributes of a message are printed first, each as its name, its
 * type if it has one, and its value, in a line each.
 */
export async function eventGuest(form: EventGuestForm, doing = 'print'): Promise<Uint8Array> {
  const { packages, exports, name, params, hasText }: Form = forms[form];
  const isTick = params.includes('i64');
  const body = isTick ? tick(doing) : name === 'handle-queue-message' ? queueMessage : message(0);
  const text = doing === 'async' ? asyncTick(name) : core(name, params, hasText, body);
  const witSource = `package test:guest;
world guest {
  import wasi:cli/stdout@0.2.0;
  import wasi:io/poll@0.2.0;
  import wasi:io/streams@0.2.0;
  import wasi:clocks/monotonic-clock@0.2.0;
  ${exports}
}
${packages}
${wasi}`;
  const binary = await assemble(text);
  return componentNew(await componentEmbed({ binary, witSource, world: 'guest', stringEncoding: 'utf8' }), []);
}

/**
 * A module of before components, of the time when SDKs of Spin called the handler "handle-redis-message": a payload that
 * begins with "e" is returned as an error.
 */
export function oldRedisGuest(): Promise<Uint8Array> {
  return assemble(`(module
    (memory (export "memory") 4)
    (global $free (mut i32) (i32.const 4096))
    (func (export "canonical_abi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
      (global.set $free (i32.add (local.get $at) (local.get 3)))
      (local.get $at))
    (func (export "handle-redis-message") (param i32 i32) (result i32)
      (i32.store16 (i32.const 512) (i32.mul (i32.const 257) (i32.eq (i32.load8_u (local.get 0)) (i32.const 101))))
      (i32.const 512)))`);
}

/** A tick that is handled by a task: it returns its result, waits once more, and prints. */
const asyncTick = (name: string): string => `(module
  (import "wasi:cli/stdout@0.2.0" "get-stdout" (func $stdout (result i32)))
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "[export]$root" "[task-return]${name}" (func $return (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "tick\\0a")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
  (func (export "[async-lift]${name}") (param i64) (result i32)
    (call $return (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (i32.const 1)) ;; yield
  (func (export "[callback][async-lift]${name}") (param i32 i32 i32) (result i32)
    (call $write (call $stdout) (i32.const 8) (i32.const 5) (i32.const 256))
    (i32.const 0)))`;

const tick = (doing: string): string => `
  (local.set $at (i32.const 8)) (local.set $length (i32.const 4))
  ${doing === 'wait' ? '(call $wait (i64.const 2500000000))' : ''}
  ${doing === 'fail' ? '(return (call $fail (local.get $at) (local.get $length)))' : ''}`;

const message = (first: number): string => `
  (local.set $at (local.get ${first})) (local.set $length (local.get ${first + 1}))
  (local.set $what (i32.load8_u (local.get $at)))
  (if (i32.eq (local.get $what) (i32.const 119)) ;; w
    (then (call $wait (i64.mul (i64.const 100000000)
      (i64.extend_i32_u (i32.sub (i32.load8_u (i32.add (local.get $at) (i32.const 1))) (i32.const 48)))))))
  (if (i32.eq (local.get $what) (i32.const 98)) (then (loop $for_ever (br $for_ever)))) ;; b
  (if (i32.eq (local.get $what) (i32.const 116)) (then unreachable)) ;; t
  (if (i32.eq (local.get $what) (i32.const 101)) ;; e
    (then (return (call $fail (local.get $at) (local.get $length)))))`;

/** An attribute is 32 bytes: name, type with its case before it, case and place of the value. */
const queueMessage = `
  (block $done (loop $next
    (br_if $done (i32.eqz (local.get 4)))
    (call $line (i32.load (local.get 3)) (i32.load offset=4 (local.get 3)))
    (if (i32.load8_u offset=8 (local.get 3))
      (then (call $line (i32.load offset=12 (local.get 3)) (i32.load offset=16 (local.get 3)))))
    (call $line (i32.load offset=24 (local.get 3)) (i32.load offset=28 (local.get 3)))
    (local.set 3 (i32.add (local.get 3) (i32.const 32)))
    (local.set 4 (i32.sub (local.get 4) (i32.const 1)))
    (br $next)))
  ${message(6)}
  (i32.store (i32.const 516) (i32.eq (local.get $what) (i32.const 108))) ;; l`;

const core = (name: string, params: string, hasText: boolean, body: string): string => `(module
  (import "wasi:cli/stdout@0.2.0" "get-stdout" (func $stdout (result i32)))
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $subscribe (param i64) (result i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  (memory (export "memory") 4)
  (data (i32.const 8) "tick")
  (data (i32.const 16) "used\\0a")
  (data (i32.const 24) "\\0a")
  (global $free (mut i32) (i32.const 4096))
  (global $count (mut i32) (i32.const 0))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  (func $wait (param i64) (call $block (call $subscribe (local.get 0))))
  (func $print (param i32 i32) (call $write (call $stdout) (local.get 0) (local.get 1) (i32.const 256)))
  (func $line (param i32 i32) (call $print (local.get 0) (local.get 1)) (call $print (i32.const 24) (i32.const 1)))
  ;; a result at 512: whether it is an error, its case, its text
  (func $fail (param $at i32) (param $length i32) (result i32)
    (i32.store (i32.const 512) (i32.const 1))
    ${
      hasText
        ? `(i32.store (i32.const 516) (i32.const ${name.includes('redis') ? 3 : 0}))`
        : '(i32.store8 (i32.const 513) (i32.const 1))'
    }
    (i32.store (i32.const 520) (local.get $at))
    (i32.store (i32.const 524) (local.get $length))
    (i32.const 512))
  (func (export "${name}") ${params} (result i32) (local $at i32) (local $length i32) (local $what i32)
    (if (global.get $count) (then (call $print (i32.const 16) (i32.const 5))))
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    ${body}
    (call $print (local.get $at) (local.get $length))
    (call $print (i32.const 24) (i32.const 1))
    (i32.store (i32.const 512) (i32.const 0))
    (i32.const 512)))`;
