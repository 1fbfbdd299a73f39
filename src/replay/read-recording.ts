// Reads the file of a recording. It may come from anybody: its size is bounded, each line is checked, and what is wrong is said.
import { open } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { MayflyError, messageOf } from '../errors.ts';
import { type EventLine, FORMAT, type Recording, VERSION } from './format.ts';
import type { Json } from './rendered.ts';

/** The most bytes of a recording, unpacked. */
const MOST_BYTES = 268_435_456;
/** The depth to which values may be nested; types of functions are never so deep. */
const MOST_DEPTH = 200;

const json = z.custom<Json>((value) => value !== undefined);
const text = z.string();
const count = z.int().check(z.nonnegative());
const entry = z.readonly(z.tuple([text, text]));
const entries = z.readonly(z.array(entry));
const fields = z.readonly(z.record(z.string().check(z.regex(/^\d{1,9}$/)), entries));
const failure = z.readonly(z.object({ code: text, message: text }));
const thrown = z.readonly(
  z.object({
    kind: z.enum(['trap', 'exit', 'error']),
    message: text,
    code: z.optional(text),
    exitCode: z.optional(z.int()),
  }),
);
const outcome = { result: z.optional(json), throws: z.optional(thrown), fields: z.optional(fields) };
const isTrue = z.optional(z.literal(true));
const part = z.readonly(z.tuple([count, json]));

const limits = z.readonly(z.object({ memoryBytes: count, tableElements: count, handles: count }));

const head = z.readonly(
  z.object({
    format: z.literal(FORMAT),
    version: z.literal(VERSION),
    mayfly: text,
    at: text,
    requestId: text,
    app: z.readonly(z.object({ name: text, origin: text, profile: z.optional(text) })),
    component: z.readonly(z.object({ id: text, middleware: z.readonly(z.array(text)), digest: text, limits })),
    request: z.readonly(
      z.object({
        method: text,
        scheme: z.enum(['http', 'https']),
        authority: text,
        target: text,
        headers: entries,
        body: z.optional(json),
      }),
    ),
  }),
);

const event = z.union([
  z.readonly(z.object({ n: count, call: text, params: json, ...outcome, waits: isTrue, init: isTrue })),
  z.readonly(z.object({ settles: count, ...outcome, inside: isTrue })),
  z.readonly(
    z.object({
      stream: count,
      does: z.enum(['read', 'write', 'resolve', 'fail', 'cancel-read', 'cancel-write', 'close', 'end']),
      max: z.optional(count),
      ...outcome,
      during: isTrue,
      inside: isTrue,
    }),
  ),
  z.readonly(z.object({ steps: count })),
  z.readonly(
    z.object({
      n: count,
      core: text,
      args: z.readonly(z.array(z.union([z.number(), text]))),
      reads: z.readonly(z.array(part)),
      writes: z.readonly(z.array(part)),
      result: z.optional(z.number()),
      throws: z.optional(thrown),
      waits: isTrue,
      init: isTrue,
    }),
  ),
]);

const body = z.readonly(z.object({ length: count, sha256: text, whole: z.boolean(), bytes: json }));
const responseLine = z.object({
  response: z.readonly(
    z.object({
      status: z.optional(z.int()),
      headers: z.optional(entries),
      body: z.optional(body),
      trailers: z.optional(entries),
      error: z.optional(failure),
    }),
  ),
});
const endLine = z.object({
  end: z.readonly(z.object({ calls: count, error: z.optional(failure), exitCode: z.int() })),
});

/** Reads the file. Rejects with `recording-missing` and `recording-corrupt`. */
export async function readRecording(path: string): Promise<Recording> {
  return parseRecording(await bytesOf(path), path);
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw new MayflyError('recording-missing', `"${path}" is no file`);
      if (stat.size > MOST_BYTES) throw corrupt(path, undefined, `it is larger than ${MOST_BYTES} bytes`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof MayflyError) throw cause;
    throw new MayflyError('recording-missing', `Cannot read the recording "${path}"`, { cause });
  }
}

/** Reads the bytes of a file, packed by gzip or not. Throws `recording-corrupt`; `name` is that of the file. */
export function parseRecording(bytes: Uint8Array, name: string): Recording {
  const lines = unpacked(bytes, name).split('\n');
  if (lines.pop() !== '' || lines.length < 3) throw corrupt(name, undefined, 'it is cut off');
  const values = lines.map((line, index) => parseLine(line, name, index + 1));
  const first = values[0] as { readonly format?: unknown; readonly version?: unknown };
  if (Object(first).format !== FORMAT) throw corrupt(name, 1, 'it is no recording of Mayfly');
  if (first.version !== VERSION) {
    throw corrupt(name, 1, `it has the version ${JSON.stringify(first.version)}; this Mayfly reads ${VERSION}`);
  }
  const last = values.length;
  const events = values.slice(1, -2).map((value, index) => checked(event, value, name, index + 2) as EventLine);
  return {
    head: checked(head, first, name, 1) as Recording['head'],
    init: events.filter((one) => 'init' in one && one.init),
    events: events.filter((one) => !('init' in one && one.init)),
    response: checked(responseLine, values[last - 2], name, last - 1).response as Recording['response'],
    end: checked(endLine, values[last - 1], name, last).end as Recording['end'],
  };
}

const GZIP = Buffer.of(0x1f, 0x8b);

function unpacked(bytes: Uint8Array, name: string): string {
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!given.subarray(0, 2).equals(GZIP)) return given.toString();
  try {
    return gunzipSync(given, { maxOutputLength: MOST_BYTES }).toString();
  } catch (error) {
    throw corrupt(name, undefined, `it cannot be unpacked: ${messageOf(error)}`);
  }
}

function parseLine(line: string, name: string, number: number): unknown {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw corrupt(name, number, messageOf(error));
  }
  if (isDeeper(value, MOST_DEPTH)) throw corrupt(name, number, `its values are nested more than ${MOST_DEPTH} deep`);
  return value;
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((one) => isDeeper(one, depth - 1));
}

function checked<Schema extends z.ZodMiniType>(
  schema: Schema,
  value: unknown,
  name: string,
  line: number,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw corrupt(name, line, `${issue?.path.join('.') || 'the line'}: ${issue?.message}`);
}

function corrupt(name: string, line: number | undefined, what: string): MayflyError {
  const place = line === undefined ? '' : `, line ${line}`;
  return new MayflyError('recording-corrupt', `The recording "${name}"${place} cannot be read: ${what}`);
}
