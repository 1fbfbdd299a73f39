// Packages of WebAssembly components in OCI registries, as wkg publishes them: the tag is the version, the one layer of
// the manifest is the file.

import type { RegistrySource } from '../app/remote-source.ts';
import { newestMatching, parseRequirement } from '../app/version-requirement.ts';
import { MayflyError } from '../errors.ts';
import { type DownloadLimits, request, unavailable } from './download.ts';
import { fetchBlob } from './fetch-blob.ts';
import { collectJson, objectOf } from './json.ts';
import { isDigest, isWasm } from './oci.ts';
import { schemeOf } from './reference.ts';
import { Repository } from './repository.ts';

/** The most bytes of what is not a file of WebAssembly: manifests, lists of tags, metadata. */
const MOST_METADATA_BYTES = 4 * 2 ** 20;

/** A file of a package, found in its registry. */
export interface FoundPackage {
  readonly url: string;
  readonly sha256: string;
  /** Fetches it to a path where nothing is yet, and gives the SHA-256 of what came. */
  fetch(path: string): Promise<string>;
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
  const client = new Repository(host, repository, { limits: given });
  const version = await versionOf(source, client);
  const { value } = await client.manifest(tagOf(version));
  const layers = Array.isArray(value.layers) ? value.layers.map(objectOf) : [];
  const layer = layers.find(isWasm);
  const [digest, size] = [layer?.digest, Number(layer?.size)];
  if (!isDigest(digest) || !Number.isSafeInteger(size)) {
    throw unavailable(nameOf(source, version), 'its manifest has no layer of WebAssembly');
  }
  const sha256 = digest.replace('sha256:', '');
  return {
    url: client.url(`/blobs/${digest}`),
    sha256,
    async fetch(path) {
      await fetchBlob(client, { digest, size }, path);
      return sha256;
    },
  };
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
  const metadata = objectOf(await collectJson(url, answer));
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

async function versionOf(source: RegistrySource, client: Repository): Promise<string> {
  const exact = /^=\s*(\d+\.\d+\.\d+\S*)$/.exec(source.version)?.[1];
  if (exact !== undefined) return exact;
  const versions = await client.tags();
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

/** The error for a package of which nobody says in which registry it is. */
export function noRegistry({ package: name }: RegistrySource): MayflyError {
  return new MayflyError('source-unavailable', `Nothing says in which registry the package ${name} is`, {
    hint: "Write 'registry = \"<host>\"' beside it, or 'default_registry' in wasm-pkg/config.toml of your configuration folder",
  });
}
