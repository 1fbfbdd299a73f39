// A client of the OCI distribution specification
// (https://github.com/opencontainers/distribution-spec/blob/main/spec.md): one repository of one registry.
import { setTimeout as delay } from 'node:timers/promises';
import { MayflyError } from '../errors.ts';
import { Authorizer, denied, type Purpose } from './authorization.ts';
import { type Credentials, findCredentials } from './credentials.ts';
import {
  type Answer,
  type DownloadLimits,
  defaultDownloadLimits,
  type RequestOptions,
  request,
  unavailable,
} from './download.ts';
import { collect, collectJson, type JsonObject, objectOf, parseJson } from './json.ts';
import { type Descriptor, digestOf, indexEntries, mediaTypes, notAn } from './oci.ts';
import { schemeOf } from './reference.ts';

/** The most bytes of what is not a blob: manifests, lists of tags, refusals. */
const MOST_DOCUMENT_BYTES = 4 * 2 ** 20;
/** Milliseconds before the first repetition; each further one waits twice as long. */
const FIRST_RETRY_MS = 250;
const ATTEMPTS = 4;
const MOST_RETRY_MS = 10_000;
/** Statuses after which the same request may succeed. */
const passing = [408, 429, 500, 502, 503, 504];

const manifestTypes = [mediaTypes.manifest, mediaTypes.index, mediaTypes.dockerManifest, mediaTypes.dockerIndex].join(
  ', ',
);

export interface RegistryOptions {
  /** Whether the registry is asked without TLS; one of this machine always is. */
  readonly insecure?: boolean | undefined;
  readonly limits?: DownloadLimits;
  readonly findCredentials?: (registry: string) => Promise<Credentials | undefined>;
}

/** A manifest or an index, with the digest of the bytes that the registry has. */
export interface FoundManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly value: JsonObject;
}

export interface Asked extends Pick<RequestOptions, 'method' | 'headers' | 'body'> {
  readonly purpose?: Purpose;
  /** How many times it is asked at most. */
  readonly attempts?: number;
  readonly limits?: DownloadLimits;
  /** Whether the digest of what comes is known. */
  readonly isChecked?: boolean;
}

export class Repository {
  readonly registry: string;
  readonly name: string;
  readonly #base: string;
  readonly #limits: DownloadLimits;
  readonly #authorizer: Authorizer;
  readonly #pull: Purpose;

  constructor(registry: string, name: string, options: RegistryOptions = {}) {
    this.registry = registry;
    this.name = name;
    this.#base = `${schemeOf(registry, options.insecure)}://${registry}/v2/${name}`;
    this.#limits = options.limits ?? defaultDownloadLimits;
    const find = options.findCredentials ?? findCredentials;
    let found: Promise<Credentials | undefined> | undefined;
    this.#authorizer = new Authorizer({
      registry,
      limits: this.#documentLimits,
      findCredentials: () => {
        found ??= find(registry);
        return found;
      },
    });
    this.#pull = { scope: `repository:${name}:pull`, takesTheirs: true };
  }

  get limits(): DownloadLimits {
    return this.#limits;
  }

  url(path: string): string {
    return `${this.#base}${path}`;
  }

  /** The manifest or index of a tag or digest. Throws `source-unavailable`, `source-digest`, `registry-denied`. */
  async manifest(reference: string): Promise<FoundManifest> {
    const url = this.url(`/manifests/${reference}`);
    const answer = await this.ask(url, { headers: { accept: manifestTypes } });
    const bytes = await collect(answer.pieces());
    const digest = digestOf(bytes);
    const expected = reference.startsWith('sha256:') ? reference : answer.headers.get('docker-content-digest');
    if (expected?.startsWith('sha256:') && expected !== digest) throw wrongDigest(url, digest, expected);
    const value = objectOf(parseJson(url, bytes));
    const said = answer.headers.get('content-type')?.replace(/;.*$/, '').trim();
    return { digest, bytes, value, mediaType: typeof value.mediaType === 'string' ? value.mediaType : (said ?? '') };
  }

  /** A small blob as bytes. Throws `source-unavailable`, `source-digest`. */
  async blobBytes({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): Promise<Buffer> {
    const url = this.url(`/blobs/${digest}`);
    if (size > MOST_DOCUMENT_BYTES)
      throw notAn(url, `it has ${size} bytes, and ${MOST_DOCUMENT_BYTES} are the most of such a document`);
    const answer = await this.ask(url, { isChecked: true });
    const bytes = await collect(answer.pieces());
    if (digestOf(bytes) !== digest) throw wrongDigest(url, digestOf(bytes), digest);
    return bytes;
  }

  /** All tags. Throws `source-unavailable`. */
  async tags(): Promise<string[]> {
    const all: string[] = [];
    let url: string | undefined = this.url('/tags/list');
    for (let page = 0; url !== undefined && page < 100; page++) {
      const answer: Answer = await this.ask(url, { headers: { accept: 'application/json' } });
      const { tags } = objectOf(await collectJson(url, answer));
      if (Array.isArray(tags)) all.push(...tags.filter((tag) => typeof tag === 'string'));
      url = nextOf(answer);
    }
    return all;
  }

  /**
   * What refers to a manifest, such as its signatures: over the referrers API, else by the tag that stands for it.
   * Throws `source-unavailable`.
   */
  async referrers(digest: string): Promise<readonly Descriptor[]> {
    for (const path of [`/referrers/${digest}`, `/manifests/${referrersTag(digest)}`]) {
      const url = this.url(path);
      const answer = await this.ask(url, { headers: { accept: mediaTypes.index } }, [200, 404]);
      if (answer.status === 404) {
        await answer.cancel();
        continue;
      }
      const listed = indexEntries(objectOf(await collectJson(url, answer)), url);
      if (listed) return listed;
    }
    return [];
  }

  /** Whether the registry has a manifest or a blob. Throws `source-unavailable`. */
  async has(path: string, purpose = this.#pull): Promise<boolean> {
    const answer = await this.ask(
      this.url(path),
      { method: 'HEAD', purpose, headers: { accept: manifestTypes } },
      [200, 404],
    );
    await answer.cancel();
    return answer.status === 200;
  }

  /**
   * Asks the registry, tells it who one is when it wants to know, and asks again where that may help. The body of the
   * answer must be read or cancelled. Throws `source-unavailable` for another status than those of `expected`,
   * `registry-denied` for a login that it does not accept.
   */
  async ask(url: string, asked: Asked = {}, expected: readonly number[] = [200]): Promise<Answer> {
    const attempts = asked.attempts ?? ATTEMPTS;
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= attempts;
      let waitMs = FIRST_RETRY_MS * 2 ** (attempt - 1);
      try {
        const answer = await this.#askOnce(url, asked);
        if (expected.includes(answer.status)) return answer;
        if (isLast || !passing.includes(answer.status)) throw await this.#refusal(url, answer);
        waitMs = Math.max(waitMs, 1000 * Number(answer.headers.get('retry-after') ?? 0) || 0);
        await answer.cancel();
      } catch (error) {
        if (isLast || !isPassing(error)) throw error;
      }
      await delay(Math.min(waitMs, MOST_RETRY_MS));
    }
  }

  async #askOnce(url: string, { purpose = this.#pull, headers, limits, attempts: _, ...more }: Asked): Promise<Answer> {
    const isOurs = new URL(url).origin === new URL(this.#base).origin;
    const authorization = (): string | undefined => (isOurs ? this.#authorizer.headerFor(purpose) : undefined);
    const send = (known: string | undefined): Promise<Answer> => {
      const sent = { ...headers, ...(known !== undefined && { authorization: known }) };
      return request(url, { ...more, headers: sent, limits: limits ?? this.#documentLimits });
    };
    const known = authorization();
    const first = await send(known);
    if (first.status !== 401 || !isOurs) return first;
    if (await this.#authorizer.answer(first, purpose, known)) return send(authorization());
    throw denied(this.registry, await this.#authorizer.hasLogin());
  }

  async #refusal(url: string, answer: Answer): Promise<MayflyError> {
    const said = await messageIn(answer);
    if (answer.status === 401 || answer.status === 403) return denied(this.registry, await this.#authorizer.hasLogin());
    return unavailable(url, `the registry answers with the status ${answer.status}${said === '' ? '' : `: ${said}`}`);
  }

  get #documentLimits(): DownloadLimits {
    return { ...this.#limits, bytes: Math.min(this.#limits.bytes, MOST_DOCUMENT_BYTES) };
  }
}

/** The tag that stands for what refers to a manifest where a registry has no referrers API. */
export function referrersTag(digest: string): string {
  return digest.replace(':', '-');
}

export function wrongDigest(url: string, has: string, expected: string): MayflyError {
  return new MayflyError('source-digest', `What ${url} gives has the digest ${has}`, {
    hint: `The digest that is expected is ${expected}`,
  });
}

/** Whether the same request may succeed later: the connection broke, or nobody answered. */
export function isPassing(error: unknown): boolean {
  return error instanceof MayflyError && error.code === 'source-unavailable' && error.cause !== undefined;
}

/** The page that follows in a list. */
function nextOf({ headers, url }: Answer): string | undefined {
  const link = /<([^>]*)>\s*;\s*rel="?next"?/i.exec(headers.get('link') ?? '')?.[1];
  const next = link === undefined ? null : URL.parse(link, url);
  return next?.origin === url.origin ? next.href : undefined;
}

/** What the registry says about a refusal, on one line. */
async function messageIn(answer: Answer): Promise<string> {
  try {
    const { errors } = objectOf(JSON.parse((await collect(answer.pieces())).toString()));
    const [first] = Array.isArray(errors) ? errors : [];
    const { code, message } = objectOf(first);
    const words = [message, code].find((one) => typeof one === 'string' && one !== '');
    return typeof words === 'string' ? words.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200) : '';
  } catch {
    return '';
  }
}
