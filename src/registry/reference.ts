// References to what is in an OCI registry: `<host>[:port]/<repository>[:tag][@sha256:digest]`
// (https://github.com/opencontainers/distribution-spec/blob/main/spec.md, "Pulling manifests").
import { MayflyError } from '../errors.ts';

export interface Reference {
  /** Host and port. */
  readonly registry: string;
  readonly repository: string;
  /** `latest` when the reference has neither tag nor digest. */
  readonly tag: string | undefined;
  /** `sha256:` and 64 hexadecimal digits; it wins over the tag. */
  readonly digest: string | undefined;
}

const host =
  /^(?:(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/;
const repositoryName = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const sha256Digest = /^sha256:[0-9a-f]{64}$/;

/** Whether a first part is the name of a host, and not that of a folder of a registry that everybody means. */
const isHost = (text: string): boolean => host.test(text) && (/[.:[]/.test(text) || text === 'localhost');

/** Reads a reference. Throws `usage`. */
export function parseReference(text: string): Reference {
  const slash = text.indexOf('/');
  const registry = text.slice(0, Math.max(slash, 0));
  if (!isHost(registry)) {
    throw wrong(
      text,
      'it does not begin with the host of a registry',
      `Write it as 'registry.example.com/${text || 'my-app:1.0'}'`,
    );
  }
  const [named = '', digest] = splitOnce(text.slice(slash + 1), '@');
  const colon = named.lastIndexOf(':');
  const [repository, tag] = colon < 0 ? [named, undefined] : [named.slice(0, colon), named.slice(colon + 1)];
  if (!repositoryName.test(repository) || repository.length > 255) {
    throw wrong(
      text,
      `"${repository}" is not the name of a repository`,
      "Names have lower-case letters, digits, '.', '_', '-' and '/'",
    );
  }
  if (tag !== undefined && !tagName.test(tag)) {
    throw wrong(text, `"${tag}" is not a tag`, "Tags have letters, digits, '.', '_' and '-', 128 at most");
  }
  if (digest !== undefined && !sha256Digest.test(digest)) {
    throw wrong(text, `"${digest}" is not a digest`, "Digests are 'sha256:' and 64 hexadecimal digits");
  }
  return { registry, repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

function splitOnce(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function wrong(text: string, reason: string, hint: string): MayflyError {
  return new MayflyError('usage', `"${text}" is not a reference to a registry: ${reason}`, { hint });
}

/** Whether a text that names no file is meant as a reference: it begins with a host and goes on as a repository. */
export function looksLikeReference(text: string): boolean {
  try {
    parseReference(text);
    return !/\.(?:toml|wasm|[cm]?[jt]sx?|py|php|rb)$/.test(text);
  } catch {
    return false;
  }
}

/** Reads the host of a registry, as people give it to log in: with or without a scheme and a path. Throws `usage`. */
export function parseRegistry(text: string): string {
  const registry = hostOf(text);
  if (host.test(registry)) return registry;
  throw new MayflyError('usage', `"${text}" is not the host of a registry`, {
    hint: "Write it as 'registry.example.com' or 'localhost:5000'",
  });
}

/** The host of what people and files write as a host or as a URL. */
export function hostOf(text: string): string {
  return text.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

/** What the registry is asked for: the digest, else the tag. */
export function nameIn({ digest, tag }: Reference): string {
  return digest ?? tag ?? 'latest';
}

export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** How a registry is asked: one of this machine without TLS, as container tools do, and others where one says so. */
export function schemeOf(registry: string, insecure = false): 'http' | 'https' {
  return insecure || isLocalRegistry(registry) ? 'http' : 'https';
}

export function isLocalRegistry(registry: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(registry);
}
