// The response of a guest that is played to, made of its calls: no function of the host runs there. What a call does to a
// response follows from its parameters and its recorded result, for all versions of wasi:http@0.2 and for CGI programs.
import type { GuestMemory } from '../component/types/core-host.ts';
import { type ErrorCode, httpErrorOf } from '../host/wasi/http/error-code.ts';
import { Fields } from '../host/wasi/http/fields.ts';
import { defaultHttpLimits } from '../host/wasi/http/state.ts';
import { isErr } from '../invocation/result.ts';
import type { HeaderEntry } from './format.ts';
import { StandIn } from './stand-in.ts';

/** Bytes that a guest writes. Those that the host moved from another stream are not known; their number is. */
export type WrittenPiece = Uint8Array | number;

export interface Written {
  readonly pieces: WrittenPiece[];
  trailers: Fields | undefined;
}

export interface ShapedResponse {
  readonly status: number;
  readonly headers: readonly HeaderEntry[];
  readonly body: Written | undefined;
}

interface Message {
  status: number;
  readonly headers: Fields;
  body: Written | undefined;
}

/** What stands behind a resource. */
type Shadow = Fields | Message | Written;

/** What guests gave as streams and futures. */
export interface GivenStreams {
  writtenOf(object: unknown): Written | undefined;
  valueOf(object: unknown): unknown;
}

export class ResponseShape {
  readonly #streams: GivenStreams;
  readonly #shadows = new Map<StandIn, Shadow>();
  /** What the guest printed. */
  stdout: Written = { pieces: [], trailers: undefined };
  /** The futures of trailers, by the bodies before them. */
  readonly #trailers = new Map<Written, unknown>();
  /** What the guest answered: a response, or the reason why there is none. */
  response: ShapedResponse | Error | undefined;

  constructor(streams: GivenStreams) {
    this.#streams = streams;
  }

  /** Tells of the entries of fields that the host gave. */
  fields(object: StandIn, list: readonly HeaderEntry[]): void {
    if (!this.#shadows.has(object)) this.#shadows.set(object, Fields.incoming(list, () => false).clone(noLimits));
  }

  /** Tells of a call with what it gave. */
  saw(name: string, params: readonly unknown[], result: unknown): void {
    const hash = name.indexOf('#');
    const [interfaceName, key] = [name.slice(0, hash), name.slice(hash + 1)];
    if (interfaceName.startsWith('wasi:http/types')) this.#http(key, params, result);
    else if (interfaceName.startsWith('wasi:io/streams')) this.#stream(key, params, result);
    else if (key === 'get-stdout') this.#bind(result, this.stdout);
    else if (key === 'write-via-stream' && interfaceName.startsWith('wasi:cli/stdout')) {
      this.stdout = this.#streams.writtenOf(params[0]) ?? this.stdout;
    }
  }

  #http(key: string, params: readonly unknown[], given: unknown): void {
    if (isErr(given)) return;
    const result = unwrapped(given);
    const [self, one, two] = params;
    const fields = this.#fieldsOf(self);
    switch (key) {
      case '[constructor]fields':
      case '[static]fields.from-list':
        this.#bind(result, fieldsOf((self ?? []) as readonly (readonly [string, Uint8Array])[]));
        return;
      case '[method]fields.set':
        fields?.set(one as string, two as Uint8Array[]);
        return;
      case '[method]fields.append':
        fields?.append(one as string, two as Uint8Array);
        return;
      case '[method]fields.delete':
      case '[method]fields.get-and-delete':
        fields?.delete(one as string);
        return;
      case '[method]fields.clone':
        this.#bind(result, fields?.clone(noLimits));
        return;
      case '[constructor]outgoing-response': {
        // The release candidate of October 2023 gives the status first, and lends the fields.
        const headers = this.#fieldsOf(one ?? self) ?? Fields.empty(noLimits);
        const status = typeof self === 'number' ? self : 200;
        this.#bind(result, {
          status,
          headers: one === undefined ? headers : headers.clone(noLimits),
          body: undefined,
        });
        return;
      }
      case '[static]response.new': {
        const [response] = result as readonly unknown[];
        const headers = this.#fieldsOf(self) ?? Fields.empty(noLimits);
        const message = { status: 200, headers, body: this.#streams.writtenOf(one) };
        if (message.body) this.#trailers.set(message.body, two);
        this.#bind(response, message);
        return;
      }
      case '[method]response.set-status-code':
      case '[method]outgoing-response.set-status-code': {
        const message = this.#message(self);
        if (message) message.status = one as number;
        return;
      }
      case '[method]response.get-headers':
      case '[method]outgoing-response.headers':
        this.#bind(result, this.#message(self)?.headers);
        return;
      case '[method]outgoing-response.body':
      case '[method]outgoing-response.write': {
        const message = this.#message(self);
        if (message) message.body = { pieces: [], trailers: undefined };
        this.#bind(result, message?.body);
        return;
      }
      case '[method]outgoing-body.write':
        this.#bind(result, this.#written(self));
        return;
      case '[static]outgoing-body.finish': {
        const written = this.#written(self);
        if (written) written.trailers = this.#fieldsOf(one);
        return;
      }
      case '[static]response-outparam.set':
        this.answer(one);
        return;
    }
  }

  /** Tells what the guest answers: a `result` with a response in it. */
  answer(response: unknown): void {
    if (this.response !== undefined) return;
    const val = unwrapped(response);
    if (isErr(response)) this.response = httpErrorOf((response as { val: ErrorCode }).val);
    else {
      const message = this.#message(val);
      if (message) this.response = { status: message.status, headers: message.headers.list, body: message.body };
    }
  }

  /** The trailers of a body, once the guest has ended. */
  trailersOf(body: Written): readonly HeaderEntry[] | undefined {
    const given = this.#streams.valueOf(this.#trailers.get(body));
    const list = (body.trailers ?? this.#fieldsOf(unwrapped(given)))?.list ?? [];
    return list.length === 0 ? undefined : list;
  }

  #stream(key: string, [self, one]: readonly unknown[], given: unknown): void {
    const written = this.#written(self);
    if (!written || isErr(given)) return;
    switch (key) {
      case '[method]output-stream.write':
      case '[method]output-stream.blocking-write-and-flush':
        written.pieces.push((one as Uint8Array).slice());
        return;
      case '[method]output-stream.write-zeroes':
      case '[method]output-stream.blocking-write-zeroes-and-flush':
        written.pieces.push(new Uint8Array(Number(one)));
        return;
      case '[method]output-stream.splice':
      case '[method]output-stream.blocking-splice':
      case '[method]output-stream.forward':
        written.pieces.push(Number(unwrapped(given)));
        return;
    }
  }

  /** Tells of a call of a core module. */
  sawCore(
    name: string,
    args: readonly (number | bigint)[],
    { data, bytes }: GuestMemory,
    result: number | undefined,
  ): void {
    const [fd, list, count, written] = args as readonly number[];
    if (!name.endsWith('#fd_write') || fd !== 1 || result !== 0) return;
    let left = data.getUint32(written as number, true);
    for (let at = list as number; at < (list as number) + (count as number) * 8 && left > 0; at += 8) {
      const start = data.getUint32(at, true);
      const length = Math.min(left, data.getUint32(at + 4, true));
      this.stdout.pieces.push(bytes.slice(start, start + length));
      left -= length;
    }
  }

  #bind(object: unknown, shadow: Shadow | undefined): void {
    if (object instanceof StandIn && shadow) this.#shadows.set(object, shadow);
  }

  #fieldsOf(object: unknown): Fields | undefined {
    const shadow = this.#shadows.get(object as StandIn);
    return shadow instanceof Fields ? shadow : undefined;
  }

  #message(object: unknown): Message | undefined {
    const shadow = this.#shadows.get(object as StandIn);
    return shadow && 'status' in shadow ? shadow : undefined;
  }

  #written(object: unknown): Written | undefined {
    const shadow = this.#shadows.get(object as StandIn);
    return shadow && 'pieces' in shadow ? shadow : undefined;
  }
}

/** The host refused what exceeds limits when it was recorded. */
const noLimits = { ...defaultHttpLimits, headerCount: Number.POSITIVE_INFINITY, headerBytes: Number.POSITIVE_INFINITY };

function fieldsOf(list: readonly (readonly [string, Uint8Array])[]): Fields {
  const fields = Fields.empty(noLimits);
  for (const [name, value] of list) fields.append(name, value);
  return fields;
}

/** The value of an `ok`; what is no result is it already. */
function unwrapped(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'tag' in value && value.tag === 'ok' && 'val' in value
    ? value.val
    : value;
}
