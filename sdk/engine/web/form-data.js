// FormData of https://xhr.spec.whatwg.org/#interface-formdata, and how it is written to and read from a body (RFC 7578).
import { Blob, blobBytes, File, joined } from './blob.js';

function entryOf(value, filename) {
  if (!(value instanceof Blob)) return String(value);
  if (value instanceof File && filename === undefined) return value;
  const file = new File([value], filename === undefined ? 'blob' : String(filename), { type: value.type });
  return file;
}

export class FormData {
  #list = [];

  append(name, value, filename) {
    this.#list.push([String(name), entryOf(value, filename)]);
  }

  delete(name) {
    this.#list = this.#list.filter(([one]) => one !== String(name));
  }

  get(name) {
    return this.#list.find(([one]) => one === String(name))?.[1] ?? null;
  }

  getAll(name) {
    return this.#list.filter(([one]) => one === String(name)).map(([, value]) => value);
  }

  has(name) {
    return this.#list.some(([one]) => one === String(name));
  }

  set(name, value, filename) {
    const wanted = String(name);
    const entry = [wanted, entryOf(value, filename)];
    const at = this.#list.findIndex(([one]) => one === wanted);
    if (at < 0) this.#list.push(entry);
    else this.#list = this.#list.filter(([one], index) => one !== wanted || index === at).with(at, entry);
  }

  forEach(callback, that) {
    for (const [name, value] of this.#list) callback.call(that, value, name, this);
  }

  *entries() {
    yield* this.#list.map((pair) => [...pair]);
  }

  *keys() {
    for (const [name] of this.#list) yield name;
  }

  *values() {
    for (const [, value] of this.#list) yield value;
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  get [Symbol.toStringTag]() {
    return 'FormData';
  }
}

const escaped = (text) =>
  text.replaceAll('\r\n', '%0D%0A').replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');

/** The bytes of a form, with the boundary between its parts. */
export function writeForm(form) {
  const boundary = `----formdata-${crypto.randomUUID()}`;
  const encoder = new TextEncoder();
  const parts = [];
  for (const [name, value] of form) {
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${escaped(name)}"`;
    if (typeof value === 'string') {
      parts.push(encoder.encode(`${head}\r\n\r\n${value.replace(/\r?\n|\r/g, '\r\n')}\r\n`));
      continue;
    }
    const type = value.type || 'application/octet-stream';
    parts.push(encoder.encode(`${head}; filename="${escaped(value.name)}"\r\ncontent-type: ${type}\r\n\r\n`));
    parts.push(blobBytes(value), encoder.encode('\r\n'));
  }
  parts.push(encoder.encode(`--${boundary}--\r\n`));
  return { bytes: joined(parts), type: `multipart/form-data; boundary=${boundary}` };
}

/** Reads a form of the media type `type`; throws a TypeError for what is none. */
export function readForm(bytes, type) {
  const [essence = ''] = type.toLowerCase().split(';', 1);
  if (essence.trim() === 'application/x-www-form-urlencoded') {
    const form = new FormData();
    for (const [name, value] of new URLSearchParams(new TextDecoder().decode(bytes))) form.append(name, value);
    return form;
  }
  const boundary = /;\s*boundary=(?:"((?:[^"\\]|\\.)+)"|([^;\s]+))/i.exec(type);
  if (essence.trim() !== 'multipart/form-data' || !boundary) {
    throw new TypeError(
      `A body of the type "${type}" is no form: it wants multipart/form-data with a boundary, or urlencoded`,
    );
  }
  return readMultipart(bytes, boundary[1] ?? boundary[2]);
}

const CR = 13;
const LF = 10;
const DASH = 45;

function find(bytes, wanted, from) {
  const [first] = wanted;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let length = 1;
    while (length < wanted.length && bytes[at + length] === wanted[length]) length++;
    if (length === wanted.length) return at;
  }
  return -1;
}

function fault(what) {
  return new TypeError(`The body is no multipart form: ${what}`);
}

function readMultipart(bytes, boundary) {
  const form = new FormData();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const mark = encoder.encode(`--${boundary}`);
  const between = encoder.encode(`\r\n--${boundary}`);
  const empty = encoder.encode('\r\n\r\n');
  let at = find(bytes, mark, 0);
  if (at < 0) throw fault('its boundary is not there');
  at += mark.length;
  for (;;) {
    if (bytes[at] === DASH && bytes[at + 1] === DASH) return form;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) throw fault('a boundary is not followed by a line end');
    const headEnd = find(bytes, empty, at);
    if (headEnd < 0) throw fault('a part has no end of its head');
    const end = find(bytes, between, headEnd + 2);
    if (end < 0) throw fault('it ends without its boundary');
    const head = decoder.decode(bytes.subarray(at + 2, headEnd));
    const content = bytes.subarray(headEnd + 4, Math.max(end, headEnd + 4));
    addPart(form, head, content, decoder);
    at = end + between.length;
  }
}

const unescaped = (text) =>
  text.replaceAll('%0D%0A', '\r\n').replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%22', '"');

function addPart(form, head, content, decoder) {
  const fields = new Map(
    head.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const disposition = fields.get('content-disposition') ?? '';
  const parameter = (name) => {
    const [, quoted, plain] =
      new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'i').exec(disposition) ?? [];
    return quoted === undefined ? plain : unescaped(quoted.replace(/\\(["\\])/g, '$1'));
  };
  const name = parameter('name');
  if (!/^form-data\b/i.test(disposition) || name === undefined) throw fault('a part has no name');
  const filename = parameter('filename');
  if (filename === undefined) form.append(name, decoder.decode(content));
  else form.append(name, new File([content], filename, { type: fields.get('content-type') ?? 'text/plain' }));
}
