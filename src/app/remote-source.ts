// Where a WebAssembly file comes from that is not in the app's folder: a URL, or a registry. It is fetched when the app
// is loaded; here is only what the manifest says of it.
import { asText, type Table } from './manifest/document.ts';

export interface UrlSource {
  readonly kind: 'url';
  readonly url: string;
  /** The SHA-256 of the file, in 64 hexadecimal digits in lower case. */
  readonly sha256: string;
}

export interface RegistrySource {
  readonly kind: 'registry';
  /** The host of the registry; undefined for the one that the machine's configuration has for the package. */
  readonly registry: string | undefined;
  /** The package's name, `namespace:name`. */
  readonly package: string;
  /** A requirement such as `>= 1.0.0`; of a component `=` with the one version. */
  readonly version: string;
}

export type RemoteSource = UrlSource | RegistrySource;

/** What a table with `url` or with `package` and `version` says; undefined for another one. */
export function remoteSourceOf(table: Table, packageOfKey?: string): RemoteSource | undefined {
  const [url, digest] = [asText(table.url), asText(table.digest)];
  if (url !== undefined && digest !== undefined) {
    return { kind: 'url', url, sha256: digest.replace(/^sha256:/, '').toLowerCase() };
  }
  const [name, version] = [asText(table.package) ?? packageOfKey, asText(table.version)];
  if (name === undefined || version === undefined) return undefined;
  return { kind: 'registry', registry: asText(table.registry), package: name, version };
}
