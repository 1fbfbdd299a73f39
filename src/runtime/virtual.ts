// An app in surroundings that a test makes: outbound HTTP is answered by the test, and stores and databases are files that
// the test fills before and reads afterwards.
import type { RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import { MayflyError, messageOf } from '../errors.ts';
import { type ByteSource, HttpError, type HttpRequest, type HttpResponse } from '../host/http-message.ts';
import { AppStores, type RecordCall } from '../host/key-value/app-stores.ts';
import type { HttpClient } from '../host/outbound-http/client.ts';
import { AppDatabases } from '../host/sqlite/app-databases.ts';
import { runAtStart } from '../host/sqlite/start.ts';

/** A request that a component sends to somewhere outside of the app. */
export interface OutboundRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** What takes the place of everything outside. A test that answers nothing refuses the connection. */
export interface VirtualSurroundings {
  answer(request: OutboundRequest): OutboundAnswer | undefined | Promise<OutboundAnswer | undefined>;
  /** Is told of each call on a key-value store. */
  readonly record?: RecordCall | undefined;
}

/** A client that asks the test, after the component's permissions were checked as always. */
export function virtualClient({ answer }: Pick<VirtualSurroundings, 'answer'>): HttpClient {
  return {
    async send(request) {
      const given = await answer(await outboundRequest(request));
      if (given === undefined) throw new HttpError('connection-refused', 'the test has no answer for this request');
      return responseOf(given);
    },
    close: () => {},
  };
}

async function outboundRequest({
  method,
  scheme,
  authority,
  target,
  headers,
  body,
}: HttpRequest): Promise<OutboundRequest> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await body?.read(); chunk !== undefined; chunk = await body?.read()) chunks.push(chunk.slice());
  return { method, url: `${scheme}://${authority}${target}`, headers, body: Buffer.concat(chunks) };
}

function responseOf({ status, headers, body }: OutboundAnswer): HttpResponse {
  let left: Uint8Array | undefined = body.length > 0 ? body : undefined;
  const source: ByteSource = {
    length: body.length,
    read() {
      const chunk = left;
      left = undefined;
      return chunk;
    },
    cancel: () => {},
  };
  return { status, headers, body: source };
}

/** Nobody calls it off. */
const host = { signal: new AbortController().signal, keep: () => undefined };

/** The stores and databases of a runtime configuration, from outside of the app. */
export class VirtualData {
  readonly #stores: AppStores;
  readonly #databases: AppDatabases;

  constructor({ keyValueStores, sqliteDatabases }: RuntimeConfig) {
    this.#stores = new AppStores(keyValueStores);
    this.#databases = new AppDatabases(sqliteDatabases);
  }

  async setKeys(label: string, entries: readonly (readonly [string, Uint8Array])[]): Promise<void> {
    const store = await this.#stores.get(label);
    if (!store) throw new MayflyError('test-invalid', `The app has no key-value store "${label}"`);
    await store.setMany(entries, host);
  }

  /** The value of a key; undefined when there is none. */
  async valueOf(label: string, key: string): Promise<Uint8Array | undefined> {
    return (await this.#stores.get(label))?.get(key, host);
  }

  /** Runs all statements of a text. Throws `service-start`. */
  async run(label: string, text: string): Promise<void> {
    await runAtStart(this.#databases, [{ label, text, all: true }]);
  }

  /** The rows of one statement. Throws `test-invalid`. */
  async rows(label: string, statement: string): Promise<(bigint | number | string | Uint8Array | null)[][]> {
    const session = (await this.#databases.get(label))?.session();
    if (!session) throw new MayflyError('test-invalid', `The app has no SQLite database "${label}"`);
    try {
      const rows: (bigint | number | string | Uint8Array | null)[][] = [];
      let piece: Awaited<ReturnType<ReturnType<typeof session.connect>['query']>> | undefined = await session
        .connect()
        .query(statement, [], host);
      for (let next = piece.next; ; ) {
        rows.push(...piece.rows.map((row) => [...row]));
        if (!next) return rows;
        piece = { columns: [], ...(await next(host)) };
        next = piece.next;
      }
    } catch (cause) {
      throw new MayflyError('test-invalid', `"${statement}" fails: ${messageOf(cause)}`, { cause });
    } finally {
      session.close();
    }
  }

  async close(): Promise<void> {
    await this.#stores.close();
    await this.#databases.close();
  }
}
