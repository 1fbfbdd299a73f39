// Sends what guests record to a collector, by OTLP over HTTP in JSON: many records in one request. What a collector does
// not take is lost, and never makes a guest wait.
import { messageOf } from '../../errors.ts';

const PAUSE_MS = 1000;
const TIMEOUT_MS = 10_000;
/** In bytes of text: what waits to be sent. */
const MOST_WAITING = 4_194_304;

export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Rejects when the collector does not take it. */
export async function send({ url, headers }: Target, body: string, signal?: AbortSignal): Promise<void> {
  const late = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
    redirect: 'error',
    signal: signal ? AbortSignal.any([signal, late]) : late,
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the collector answered with the status ${response.status}`);
}

export class Exporter {
  readonly #target: Target;
  /** Makes a request's body of records in JSON with commas between them. */
  readonly #wrap: (records: string) => string;
  readonly #tell: (reason: string) => void;
  #waiting: string[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;

  /** `tell` is told why records were lost. */
  constructor(target: Target, wrap: (records: string) => string, tell: (reason: string) => void) {
    this.#target = target;
    this.#wrap = wrap;
    this.#tell = tell;
  }

  /** Says that a record is lost. */
  lose(reason: string): void {
    this.#tell(reason);
  }

  add(record: unknown): void {
    const text = JSON.stringify(record);
    if (this.#bytes + text.length > MOST_WAITING) {
      this.#tell('the collector takes less than guests record');
      return;
    }
    this.#bytes += text.length;
    this.#waiting.push(text);
    this.#timer ??= setTimeout(() => void this.flush(), PAUSE_MS).unref();
  }

  /** Sends what waits. Never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#sending;
    if (this.#waiting.length === 0) return;
    const body = this.#wrap(this.#waiting.join(','));
    const bytes = this.#bytes;
    this.#waiting = [];
    this.#sending = send(this.#target, body)
      .catch((error: unknown) => {
        const { cause = error } = error as Error;
        this.#tell(messageOf(cause));
      })
      .finally(() => {
        // What is on its way counts, too.
        this.#bytes -= bytes;
        this.#sending = undefined;
      });
    await this.#sending;
  }
}
