// How a registry is told who asks: Basic, or a token that its token server gives for a scope
// (https://distribution.github.io/distribution/spec/auth/token/).
import { MayflyError } from '../errors.ts';
import type { Credentials } from './credentials.ts';
import { type Answer, type DownloadLimits, request, unavailable } from './download.ts';
import { collectJson, objectOf } from './json.ts';

export interface AuthorizerOptions {
  readonly registry: string;
  /** Looked up when the registry first asks who one is. */
  readonly findCredentials: () => Promise<Credentials | undefined>;
  readonly limits: DownloadLimits;
}

/** What one wants to do in a registry: a scope of its own for each. */
export interface Purpose {
  readonly scope: string;
  /** Whether the scope that the registry asks for, if it does, is as good: it is the least that an answer needs. */
  readonly takesTheirs: boolean;
}

export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #headers = new Map<string, string>();
  /** What is being asked for, by scopes. */
  readonly #asked = new Map<string, Promise<string | undefined>>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** The value of `authorization`, as far as it is known; undefined before the registry asked for one. */
  headerFor({ scope }: Purpose): string | undefined {
    return this.#headers.get(scope);
  }

  /**
   * Answers a 401 to what was sent with `sent`; its body was not read yet. Gives whether there is something else to ask
   * with. Several at once are answered by one token. Throws `registry-denied` where the token server refuses the login.
   */
  async answer(refusal: Answer, purpose: Purpose, sent: string | undefined): Promise<boolean> {
    await refusal.cancel();
    const { scope } = purpose;
    if (this.headerFor(purpose) === sent) {
      const asked = this.#asked.get(scope) ?? this.#headerOf(refusal, purpose);
      this.#asked.set(scope, asked);
      const header = await asked.finally(() => this.#asked.delete(scope));
      if (header !== undefined) this.#headers.set(scope, header);
    }
    return this.headerFor(purpose) !== sent;
  }

  /** Whether there is a login for the registry. */
  async hasLogin(): Promise<boolean> {
    return (await this.#options.findCredentials()) !== undefined;
  }

  async #headerOf({ url, headers }: Answer, { scope, takesTheirs }: Purpose): Promise<string | undefined> {
    const challenge = headers.get('www-authenticate') ?? '';
    const credentials = await this.#options.findCredentials();
    if (/^basic\b/i.test(challenge)) return credentials?.kind === 'password' ? basic(credentials) : undefined;
    if (!/^bearer\b/i.test(challenge)) return undefined;
    const said = new Map(
      [...challenge.matchAll(/([a-z]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
    );
    const realm = URL.parse(said.get('realm') ?? '');
    // Over a connection that anybody may read no password goes that would not have gone to the registry that way.
    const isSafe = realm?.protocol === 'https:' || (realm?.protocol === 'http:' && url.protocol === 'http:');
    if (!realm || !isSafe) throw unavailable(url.href, 'the registry names no token server that can be asked');
    const theirs = takesTheirs ? said.get('scope') : undefined;
    return this.#tokenOf(realm, said.get('service'), theirs ?? scope, credentials);
  }

  async #tokenOf(
    realm: URL,
    service: string | undefined,
    scopes: string,
    credentials: Credentials | undefined,
  ): Promise<string> {
    const { limits, registry } = this.#options;
    const answer =
      credentials?.kind === 'identity-token'
        ? await request(realm.href, { limits, method: 'POST', ...refresh(credentials.token, service, scopes) })
        : await request(asked(realm, service, scopes), {
            limits,
            headers: credentials ? { authorization: basic(credentials) } : {},
          });
    if (answer.status === 401 || answer.status === 403) {
      await answer.cancel();
      throw denied(registry, credentials !== undefined);
    }
    if (answer.status !== 200) {
      await answer.cancel();
      throw unavailable(realm.href, `the token server answers with the status ${answer.status}`);
    }
    const value = objectOf(await collectJson(realm.href, answer));
    const token = value.token ?? value.access_token;
    if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
    throw unavailable(realm.href, 'it gives no token');
  }
}

/** Scopes are separated by spaces here, and stand alone in the query. */
function asked(realm: URL, service: string | undefined, scopes: string): string {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes.split(' ')) if (scope !== '') url.searchParams.append('scope', scope);
  return url.href;
}

function refresh(
  token: string,
  service: string | undefined,
  scopes: string,
): { readonly headers: Record<string, string>; readonly body: string } {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, client_id: 'mayfly' });
  if (service !== undefined) form.set('service', service);
  form.set('scope', scopes);
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() };
}

function basic({ user, password }: Extract<Credentials, { readonly kind: 'password' }>): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** The error for a registry that does not let one do what was asked. */
export function denied(registry: string, hasLogin: boolean): MayflyError {
  const message = hasLogin
    ? `${registry} refuses the login that there is for it`
    : `${registry} wants a login, and there is none for it`;
  return new MayflyError('registry-denied', message, { hint: `Run 'mayfly registry login ${registry}'` });
}
