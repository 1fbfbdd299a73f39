// Variables from a HashiCorp Vault server over HTTP, from the secrets engine KV of version 2: the field `value` of the
// secret that has the variable's name.
import type { VariableProvider } from '../provider.ts';

export interface VaultOptions {
  readonly url: string;
  readonly token: string;
  /** The path at which the engine is mounted. */
  readonly mount: string;
  /** The folder of the secrets. */
  readonly prefix?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 10_000;

export function vaultProvider({ url, token, mount, prefix, timeoutMs = TIMEOUT_MS }: VaultOptions): VariableProvider {
  const root = `${url.replace(/\/+$/, '')}/v1/${escaped(mount)}/data/`;
  return {
    name: 'vault',
    async get(name) {
      const path = prefix ? `${escaped(prefix)}/${encodeURIComponent(name)}` : encodeURIComponent(name);
      const response = await ask(root + path, token, timeoutMs);
      if (response.status === 404) {
        await response.body?.cancel();
        return undefined;
      }
      if (!response.ok) {
        await response.body?.cancel();
        throw new Error(`the server answered with the status ${response.status}`);
      }
      return secretOf(await response.json());
    },
  };
}

/** A redirect is not followed: it would take the token to another server. */
async function ask(url: string, token: string, timeoutMs: number): Promise<Response> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await fetch(url, { headers: { 'x-vault-token': token }, redirect: 'error', signal });
  } catch (error) {
    const { cause = error } = error as Error;
    throw new Error(`${new URL(url).origin} cannot be reached: ${(cause as Error).message}`, { cause: error });
  }
}

function secretOf(answer: unknown): string {
  const value = (answer as { data?: { data?: { value?: unknown } | null } } | null)?.data?.data?.value;
  if (typeof value !== 'string') throw new Error('the secret has no field "value" with a string');
  return value;
}

/** A path of which each part is escaped, without slashes at its ends. */
function escaped(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '')
    .map(encodeURIComponent)
    .join('/');
}
