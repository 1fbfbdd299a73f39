// Packages of WebAssembly components in OCI registries, as wkg publishes them: the tag is the version, the one layer of
// the manifest is the file. Only what may be fetched without logging in is.

import type { RegistrySource } from '../../app/remote-source.ts';
import { newestMatching, parseRequirement } from '../../app/version-requirement.ts';
import { MayflyError } from '../../errors.ts';
import { type DownloadLimits, fetchBytes, request, unavailable } from './download.ts';

/** The most bytes of what is not a file of WebAssembly: manifests, lists of tags, metadata. */
const MOST_METADATA_BYTES = 4 * 2 ** 20;
const layerTypes = ['application/wasm', 'application/vnd.wasm.content.layer.v1+wasm'];
const manifestTypes =
  'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';

/** A file of a package, found in its registry. */
export interface FoundPackage {
  readonly url: string;
  readonly sha256: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Finds the file of the newest version that fits. Throws `source-unavailable`. */
export async function findPackage(
  source: RegistrySource,
  registry: string,
  given: DownloadLimits,
): Promise<FoundPackage> {
  const limits = { ...given, bytes: Math.min(given.bytes, MOST_METADATA_BYTES) };
  const { host, prefix } = await metadataOf(registry, limits);
  const repository = `${prefix}${source.package.replace(':', '/')}`;
  const client = new RepositoryClient(`${schemeOf(host)}://${host}/v2/${repository}`, limits);
  const version = await versionOf(source, client);
  const manifest = objectOf(await client.json(`/manifests/${tagOf(version)}`, manifestTypes));
  const layers = Array.isArray(manifest.layers) ? manifest.layers.map(objectOf) : [];
  const layer = layers.find(({ mediaType }) => layerTypes.some((type) => type === mediaType));
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(typeof layer?.digest === 'string' ? layer.digest : '')?.[1];
  if (sha256 === undefined) throw unavailable(nameOf(source, version), 'its manifest has no layer of WebAssembly');
  return { url: client.url(`/blobs/sha256:${sha256}`), sha256, headers: client.headers };
}

/** A host of this machine is asked without TLS, as container tools do. */
function schemeOf(host: string): 'http' | 'https' {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(host) ? 'http' : 'https';
}

/** What the registry says of itself: the host of its OCI registry, and what stands before names there. */
async function metadataOf(registry: string, limits: DownloadLimits): Promise<{ host: string; prefix: string }> {
  const url = `${schemeOf(registry)}://${registry}/.well-known/wasm-pkg/registry.json`;
  const answer = await request(url, { limits, headers: { accept: 'application/json' } });
  if (answer.status !== 200) {
    await answer.cancel();
    if (answer.status === 404) return { host: registry, prefix: '' };
    throw unavailable(url, `the server answers with the status ${answer.status}`);
  }
  const metadata = objectOf(parseJson(url, await collect(answer.pieces())));
  const protocol = metadata.preferredProtocol ?? ('warg' in metadata && !('oci' in metadata) ? 'warg' : 'oci');
  if (protocol !== 'oci') {
    const shown = typeof protocol === 'string' ? protocol.slice(0, 50) : 'unknown';
    throw unavailable(url, `the registry speaks the protocol "${shown}", and Mayfly fetches over "oci" only`);
  }
  const oci = objectOf(metadata.oci);
  const host = typeof oci.registry === 'string' ? oci.registry : registry;
  const prefix = typeof oci.namespacePrefix === 'string' ? oci.namespacePrefix : '';
  if (!/^[A-Za-z0-9.[\]:-]+$/.test(host) || !/^[A-Za-z0-9._/-]*$/.test(prefix)) {
    throw unavailable(url, 'its metadata name no registry');
  }
  return { host, prefix };
}

async function versionOf(source: RegistrySource, client: RepositoryClient): Promise<string> {
  const exact = /^=\s*(\d+\.\d+\.\d+\S*)$/.exec(source.version)?.[1];
  if (exact !== undefined) return exact;
  const { tags } = objectOf(await client.json('/tags/list', 'application/json'));
  const versions = Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
  const requirement = parseRequirement(source.version);
  const found =
    requirement &&
    newestMatching(
      requirement,
      versions.map((tag) => tag.replace('_', '+')),
    );
  if (found !== undefined) return found;
  const has = versions.slice(0, 20).join(', ') || 'none';
  throw unavailable(nameOf(source, source.version), `no version of it fits; there are: ${has}`);
}

/** A tag cannot hold the `+` of a version. */
function tagOf(version: string): string {
  return version.replace('+', '_');
}

function nameOf({ package: name }: RegistrySource, version: string): string {
  return `${name}@${version}`;
}

class RepositoryClient {
  readonly #base: string;
  readonly #limits: DownloadLimits;
  #token: string | undefined;

  constructor(base: string, limits: DownloadLimits) {
    this.#base = base;
    this.#limits = limits;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }

  url(path: string): string {
    return `${this.#base}${path}`;
  }

  /** Fetches JSON, and asks for a token when the registry wants one. */
  async json(path: string, accept: string): Promise<unknown> {
    const url = this.url(path);
    const ask = () => request(url, { limits: this.#limits, headers: { accept, ...this.headers } });
    let answer = await ask();
    if (answer.status === 401 && this.#token === undefined) {
      await answer.cancel();
      this.#token = await this.#askForToken(url, answer.headers.get('www-authenticate') ?? '');
      answer = await ask();
    }
    if (answer.status !== 200) {
      await answer.cancel();
      const login = answer.status === 401 || answer.status === 403;
      const reason = `the registry answers with the status ${answer.status}`;
      throw unavailable(url, login ? `${reason}: it wants a login, which Mayfly has none for` : reason);
    }
    return parseJson(url, await collect(answer.pieces()));
  }

  async #askForToken(url: string, challenge: string): Promise<string> {
    const said = new Map(
      [...challenge.matchAll(/([a-z]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
    );
    const realm = URL.parse(said.get('realm') ?? '');
    if (!/^bearer /i.test(challenge) || !realm || !/^https?:$/.test(realm.protocol)) {
      throw unavailable(url, 'the registry wants a login, which Mayfly has none for');
    }
    for (const key of ['service', 'scope']) {
      const value = said.get(key);
      if (value !== undefined) realm.searchParams.set(key, value);
    }
    const answer = objectOf(parseJson(realm.href, await fetchBytes(realm.href, { limits: this.#limits })));
    const token = answer.token ?? answer.access_token;
    if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token;
    throw unavailable(realm.href, 'it gives no token');
  }
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(pieces));
}

function parseJson(url: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    throw unavailable(url, 'what it gives is no JSON', cause);
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** The error for a package of which nobody says in which registry it is. */
export function noRegistry({ package: name }: RegistrySource): MayflyError {
  return new MayflyError('source-unavailable', `Nothing says in which registry the package ${name} is`, {
    hint: "Write 'registry = \"<host>\"' beside it, or 'default_registry' in wasm-pkg/config.toml of your configuration folder",
  });
}
