// Asks servers of files and registries over HTTP, for a bounded number of bytes, in a bounded time, over a bounded number
// of redirects. What they give is not trusted by anybody before its digest was checked.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { MayflyError, messageOf } from '../errors.ts';

export interface DownloadLimits {
  /** Bytes of one file. */
  readonly bytes: number;
  /** Milliseconds to the head of an answer, and between the pieces of its body. */
  readonly silenceMs: number;
  /** Milliseconds for one file with all redirects. */
  readonly totalMs: number;
  readonly redirects: number;
}

export const defaultDownloadLimits: DownloadLimits = {
  bytes: 512 * 2 ** 20,
  silenceMs: 30_000,
  totalMs: 600_000,
  redirects: 10,
};

/** An answer whose body has not been read yet. Its body must be read to the end or cancelled. */
export interface Answer {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  /** Reads the body piece by piece. Throws `source-unavailable` when it is too long, too slow or broken. */
  pieces(): AsyncGenerator<Uint8Array, void, undefined>;
  cancel(): Promise<void>;
}

export interface RequestOptions {
  readonly limits: DownloadLimits;
  /** GET by default. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | Blob | string | undefined;
  /** Whether the digest of what comes is known: it may then come without TLS. */
  readonly isChecked?: boolean;
}

/** Asks for a URL and follows redirects. Throws `source-unavailable`. */
export async function request(target: string, options: RequestOptions): Promise<Answer> {
  const { limits, method = 'GET', headers = {}, body, isChecked = false } = options;
  const total = AbortSignal.timeout(limits.totalMs);
  const silence = new Silence(limits.silenceMs);
  const explain = (error: unknown): MayflyError => {
    if (error instanceof MayflyError) return error;
    if (total.aborted) return unavailable(target, `it took longer than ${limits.totalMs / 1000} s`);
    if (silence.signal.aborted) return unavailable(target, `the server said nothing for ${limits.silenceMs / 1000} s`);
    return unavailable(target, reasonOf(error), error);
  };
  try {
    const aborted = AbortSignal.any([total, silence.signal]);
    const { url, response } = await follow(
      new URL(target),
      { method, headers, body, isChecked, redirects: limits.redirects },
      aborted,
      silence,
    );
    return answerOf(target, url, response, limits, silence, explain);
  } catch (error) {
    silence.end();
    throw explain(error);
  }
}

interface Followed extends Required<Pick<RequestOptions, 'method' | 'headers' | 'isChecked'>> {
  readonly body: RequestOptions['body'];
  readonly redirects: number;
}

async function follow(
  start: URL,
  { method, headers, body, isChecked, redirects }: Followed,
  signal: AbortSignal,
  silence: Silence,
): Promise<{ readonly url: URL; readonly response: Response }> {
  let url = start;
  for (let left = redirects; ; left--) {
    // What fetch says of such a URL quotes it.
    if (url.username !== '' || url.password !== '') throw unavailable(start.href, 'a URL with a user is not fetched');
    silence.begin();
    // What authorizes at one server is not shown to another.
    const sent = url.origin === start.origin ? headers : withoutAuthorization(headers);
    const response = await fetch(url, { method, body: body ?? null, redirect: 'manual', headers: sent, signal });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return { url, response };
    await response.body?.cancel();
    if (left === 0) throw unavailable(start.href, `it leads over more than ${redirects} redirects`);
    url = redirected(start.href, url, location, isChecked);
  }
}

/** Where a redirect leads. Throws `source-unavailable` for a place where nothing may be fetched. */
export function redirected(target: string, from: URL, location: string, isChecked: boolean): URL {
  const next = URL.parse(location, from);
  if (!next || !/^https?:$/.test(next.protocol)) {
    throw unavailable(target, `it leads to "${location}", which cannot be fetched`);
  }
  if (from.protocol === 'https:' && next.protocol === 'http:' && !isChecked) {
    throw unavailable(target, `it leads to "${location}", where anybody could change what nothing else vouches for`);
  }
  return next;
}

function withoutAuthorization(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
}

function answerOf(
  target: string,
  url: URL,
  response: Response,
  limits: DownloadLimits,
  silence: Silence,
  explain: (error: unknown) => MayflyError,
): Answer {
  return {
    url,
    status: response.status,
    headers: response.headers,
    async *pieces() {
      let length = 0;
      try {
        silence.begin();
        for await (const piece of response.body ?? []) {
          silence.begin();
          length += piece.length;
          if (length > limits.bytes) throw unavailable(target, `it has more than ${limits.bytes} bytes`);
          yield piece;
        }
      } catch (error) {
        throw explain(error);
      } finally {
        silence.end();
      }
    },
    async cancel() {
      silence.end();
      await response.body?.cancel().catch(() => undefined);
    },
  };
}

/**
 * Fetches a file into `path`, which must not be there yet. Gives its SHA-256, which the caller compares. Throws
 * `source-unavailable`.
 */
export async function fetchFile(target: string, path: string, options: RequestOptions): Promise<string> {
  const answer = await request(target, { ...options, isChecked: true });
  await mustBeThere(target, answer);
  const handle = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  try {
    for await (const piece of answer.pieces()) {
      hash.update(piece);
      await handle.writeFile(piece);
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

async function mustBeThere(target: string, answer: Answer): Promise<void> {
  if (answer.status === 200) return;
  await answer.cancel();
  throw unavailable(target, `the server answers with the status ${answer.status}`);
}

/** The error for something that could not be fetched. */
export function unavailable(target: string, reason: string, cause?: unknown): MayflyError {
  return new MayflyError('source-unavailable', `Cannot fetch ${withoutUser(target)}: ${withoutUser(reason)}`, {
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A text without the users and passwords of URLs in it. */
function withoutUser(text: string): string {
  return text.replace(/([a-z]+:\/\/)[^/@\s]*@/gi, '$1');
}

/** The reason that `fetch` keeps in the cause of its error. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return messageOf(cause instanceof Error && cause.message !== '' ? cause : error);
}

/** Aborts when nothing has come for a time. */
class Silence {
  readonly #controller = new AbortController();
  readonly #ms: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Starts to wait, anew. */
  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(), this.#ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
