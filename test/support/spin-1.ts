// A guest of Spin 1 as text, in each form that its SDKs made: a component, core modules with a world in the current and
// in the first form of its section, and a module of before components.
import { componentEmbed, componentNew } from '@bytecodealliance/jco';
import { assemble } from './wat.ts';

const wit = `package fermyon:spin;
interface http-types {
  enum method { get, post, put, delete, patch, head, options }
  record request {
    method: method, uri: string, headers: list<tuple<string, string>>, params: list<tuple<string, string>>,
    body: option<list<u8>>,
  }
  record response { status: u16, headers: option<list<tuple<string, string>>>, body: option<list<u8>> }
  enum http-error {
    success, destination-not-allowed, invalid-url, request-error, runtime-error, too-many-requests,
  }
}
interface inbound-http { use http-types.{request, response}; handle-request: func(req: request) -> response; }
interface http { use http-types.{request, response, http-error}; send-request: func(req: request) -> result<response, http-error>; }
interface config {
  get-config: func(key: string) -> result<string, error>;
  variant error { provider(string), invalid-key(string), invalid-schema(string), other(string) }
}
interface key-value {
  type store = u32;
  open: func(name: string) -> result<store, error>;
  variant error { store-table-full, no-such-store, access-denied, invalid-store, no-such-key, io(string) }
}
world guest { import http; import config; import key-value; export inbound-http; }
`;

interface Names {
  readonly send: string;
  readonly config: string;
  readonly open: string;
  readonly handle: string;
  readonly realloc: string;
}

const current: Names = {
  send: '"fermyon:spin/http" "send-request"',
  config: '"fermyon:spin/config" "get-config"',
  open: '"fermyon:spin/key-value" "open"',
  handle: 'fermyon:spin/inbound-http#handle-request',
  realloc: 'cabi_realloc',
};
const old: Names = {
  send: '"wasi-outbound-http" "request"',
  config: '"spin-config" "get-config"',
  open: '"key-value" "open"',
  handle: 'handle-http-request',
  realloc: 'canonical_abi_realloc',
};

/**
 * What it does stands in the path. /echo: everything back; /none: 204 without headers and body; /send: a request of the
 * same method, with the same body and headers, to the URL after /send/; /config: the variable whose name is the body;
 * /store opens the store "", and the status is 560 and the number of the error; /trap; /status gives the status 99; /header a header with a space in its name; /size a
 * content-length of 7 with the body as it came; /count how many requests the sandbox has had;
 * /host the value of the first header.
 */
const guest = (names: Names, more: string): string => `(module
  (import ${names.send} (func $send (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import ${names.config} (func $config (param i32 i32 i32)))
  (import ${names.open} (func $open (param i32 i32 i32)))
  (memory (export "memory") 200)
  (data (i32.const 256) "content-length" "7" "bad name" "x")
  (global $free (mut i32) (i32.const 4096))
  (global $count (mut i32) (i32.const 0))
  (func (export "${names.realloc}") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $new)))
    (local.get $at))
  ;; a response at 512: status, headers, body
  (func $respond (param $status i32) (param $some i32) (param $headers i32) (param $count i32)
      (param $body i32) (param $at i32) (param $length i32) (result i32)
    (i32.store16 (i32.const 512) (local.get $status))
    (i32.store (i32.const 516) (local.get $some))
    (i32.store (i32.const 520) (local.get $headers))
    (i32.store (i32.const 524) (local.get $count))
    (i32.store (i32.const 528) (local.get $body))
    (i32.store (i32.const 532) (local.get $at))
    (i32.store (i32.const 536) (local.get $length))
    (i32.const 512))
  ;; one header at 640, of what stands at 256
  (func $header (param $name i32) (param $name_length i32) (param $value i32)
    (i32.store (i32.const 640) (local.get $name))
    (i32.store (i32.const 644) (local.get $name_length))
    (i32.store (i32.const 648) (local.get $value))
    (i32.store (i32.const 652) (i32.const 1)))
  (func $handle (export "${names.handle}")
      (param $method i32) (param $uri i32) (param $uri_length i32) (param $headers i32) (param $headers_count i32)
      (param $params i32) (param $params_count i32) (param $some i32) (param $body i32) (param $length i32)
      (result i32) (local $what i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (local.set $what (i32.load8_u (i32.add (local.get $uri) (i32.const 3))))
    (if (i32.eq (local.get $what) (i32.const 104)) ;; ec[h]o
      (then (return (call $respond (i32.const 200) (i32.const 1) (local.get $headers) (local.get $headers_count)
        (local.get $some) (local.get $body) (local.get $length)))))
    (if (i32.eq (local.get $what) (i32.const 110)) ;; no[n]e, se[n]d, co[n]fig
      (then
        (if (i32.eq (i32.load8_u (i32.add (local.get $uri) (i32.const 1))) (i32.const 115))
          (then
            (call $send (local.get $method) (i32.add (local.get $uri) (i32.const 6))
              (i32.sub (local.get $uri_length) (i32.const 6)) (local.get $headers) (local.get $headers_count)
              (i32.const 0) (i32.const 0) (local.get $some) (local.get $body) (local.get $length) (i32.const 1024))
            (if (i32.eqz (i32.load8_u (i32.const 1024))) (then (return (i32.const 1028))))
            (return (call $respond (i32.add (i32.const 550) (i32.load8_u (i32.const 1028)))
              (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))))
        (if (i32.eq (i32.load8_u (i32.add (local.get $uri) (i32.const 1))) (i32.const 99))
          (then
            (call $config (local.get $body) (local.get $length) (i32.const 1024))
            (if (i32.eqz (i32.load8_u (i32.const 1024)))
              (then (return (call $respond (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 0)
                (i32.const 1) (i32.load (i32.const 1028)) (i32.load (i32.const 1032))))))
            (return (call $respond (i32.add (i32.const 550) (i32.load8_u (i32.const 1028)))
              (i32.const 0) (i32.const 0) (i32.const 0)
              (i32.const 1) (i32.load (i32.const 1032)) (i32.load (i32.const 1036))))))
        (return (call $respond (i32.const 204) (i32.const 0) (i32.const 0) (i32.const 0)
          (i32.const 0) (i32.const 0) (i32.const 0)))))
    (if (i32.eq (local.get $what) (i32.const 111)) ;; st[o]re
      (then
        (call $open (i32.const 0) (i32.const 0) (i32.const 1024))
        (return (call $respond (i32.add (i32.const 560) (i32.load8_u (i32.const 1028)))
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))))
    (if (i32.eq (local.get $what) (i32.const 115)) ;; ho[s]t
      (then (return (call $respond (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1)
        (i32.load (i32.add (local.get $headers) (i32.const 8)))
        (i32.load (i32.add (local.get $headers) (i32.const 12)))))))
    (if (i32.eq (local.get $what) (i32.const 117)) ;; co[u]nt
      (then
        (i32.store8 (i32.const 700) (i32.add (i32.const 48) (global.get $count)))
        (return (call $respond (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 0)
          (i32.const 1) (i32.const 700) (i32.const 1)))))
    (if (i32.eq (local.get $what) (i32.const 97)) ;; tr[a]p, st[a]tus, he[a]der
      (then
        (if (i32.eq (i32.load8_u (i32.add (local.get $uri) (i32.const 1))) (i32.const 115))
          (then (return (call $respond (i32.const 99) (i32.const 0) (i32.const 0) (i32.const 0)
            (i32.const 0) (i32.const 0) (i32.const 0)))))
        (if (i32.eq (i32.load8_u (i32.add (local.get $uri) (i32.const 1))) (i32.const 104))
          (then
            (call $header (i32.const 271) (i32.const 8) (i32.const 279))
            (return (call $respond (i32.const 200) (i32.const 1) (i32.const 640) (i32.const 1)
              (i32.const 0) (i32.const 0) (i32.const 0)))))
        unreachable))
    (call $header (i32.const 256) (i32.const 14) (i32.const 270)) ;; size
    (call $respond (i32.const 200) (i32.const 1) (i32.const 640) (i32.const 1)
      (local.get $some) (local.get $body) (local.get $length)))
  ${more})`;

export type Spin1Form = 'component' | 'current section' | 'first section' | 'before components';
export const spin1Forms: readonly Spin1Form[] = ['component', 'current section', 'first section', 'before components'];

/** `more`: fields to add to the core module. */
export async function spin1Guest(form: Spin1Form, more = ''): Promise<Uint8Array> {
  if (form === 'before components') return assemble(guest(old, more));
  const binary = await assemble(guest(current, more));
  if (form === 'first section') return withSection(binary, await firstSection());
  const embedded = await componentEmbed({ binary, witSource: wit, world: 'guest', stringEncoding: 'utf8' });
  return form === 'component' ? componentNew(embedded, []) : embedded;
}

const types = `
  (type (enum "get" "post" "put" "delete" "patch" "head" "options")) (export "method" (type (eq 0)))
  (type (tuple string string)) (type (list 2)) (type (list u8)) (type (option 4))
  (type (record (field "method" 1) (field "uri" string) (field "headers" 3) (field "params" 3) (field "body" 5)))
  (export "request" (type (eq 6)))
  (type (option 3)) (type (record (field "status" u16) (field "headers" 8) (field "body" 5)))
  (export "response" (type (eq 9)))
  (type (enum "success" "destination-not-allowed" "invalid-url" "request-error" "runtime-error" "too-many-requests"))
  (export "http-error" (type (eq 11)))`;

/** A declaration is made by `import` in a world, and by `export` in a package. */
const interfaces = (declare: 'import' | 'export', handler: 'import' | 'export'): string => `
  (type (instance ${types})) (${declare} "fermyon:spin/http-types" (instance (type 0)))
  (alias export 0 "request" (type)) (alias export 0 "response" (type)) (alias export 0 "http-error" (type))
  (type (instance
    (alias outer 1 1 (type)) (alias outer 1 2 (type)) (alias outer 1 3 (type)) (type (result 1 (error 2)))
    (type (func (param "req" 0) (result 3))) (export "send-request" (func (type 4)))))
  (${declare} "fermyon:spin/http" (instance (type 4)))
  (type (instance
    (type (variant (case "provider" string) (case "invalid-key" string) (case "invalid-schema" string) (case "other" string)))
    (export "error" (type (eq 0))) (type (result string (error 1)))
    (type (func (param "key" string) (result 2))) (export "get-config" (func (type 3)))))
  (${declare} "fermyon:spin/config" (instance (type 5)))
  (type (instance
    (type (variant (case "store-table-full") (case "no-such-store") (case "access-denied") (case "invalid-store")
      (case "no-such-key") (case "io" string)))
    (export "error" (type (eq 0))) (type (result u32 (error 1)))
    (type (func (param "name" string) (result 2))) (export "open" (func (type 3)))))
  (${declare} "fermyon:spin/key-value" (instance (type 6)))
  (type (instance
    (alias outer 1 1 (type)) (alias outer 1 2 (type))
    (type (func (param "req" 0) (result 1))) (export "handle-request" (func (type 2)))))
  (${handler} "fermyon:spin/inbound-http" (instance (type 7)))`;

/** As the tools of 2023 wrote it: the package as one type, in which the worlds stand one level deeper. */
async function firstSection(): Promise<Uint8Array> {
  const component = await assemble(`(component
    (type (component ${interfaces('export', 'export')}
      (type (component ${interfaces('import', 'export')}))
      (export "fermyon:spin/guest" (component (type 8)))
      (type (component)) (export "fermyon:spin/other" (component (type 9)))))
    (export "fermyon:spin/wit" (type 0)))`);
  return Uint8Array.from([3, 0, 5, ...Buffer.from('guest'), ...component]);
}

function withSection(module: Uint8Array, payload: Uint8Array): Uint8Array {
  const name = 'component-type:guest';
  const contents = [name.length, ...Buffer.from(name), ...payload];
  return Uint8Array.from([...module, 0, ...leb(contents.length), ...contents]);
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}
