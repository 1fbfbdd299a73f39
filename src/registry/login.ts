// Tries a login at a registry before it is kept.
import { Authorizer, denied } from './authorization.ts';
import type { Credentials } from './credentials.ts';
import { type Answer, defaultDownloadLimits, request, unavailable } from './download.ts';
import { schemeOf } from './reference.ts';

/** Throws `registry-denied` for a login that the registry does not accept, `source-unavailable` where there is none. */
export async function tryLogin(registry: string, credentials: Credentials, insecure: boolean): Promise<void> {
  const limits = { ...defaultDownloadLimits, bytes: 2 ** 20 };
  const authorizer = new Authorizer({ registry, limits, findCredentials: async () => credentials });
  // No repository: what is asked for is only who one is.
  const purpose = { scope: '', takesTheirs: false };
  const url = `${schemeOf(registry, insecure)}://${registry}/v2/`;
  const send = async (): Promise<Answer> => {
    const authorization = authorizer.headerFor(purpose);
    const answer = await request(url, { limits, headers: authorization === undefined ? {} : { authorization } });
    if (answer.status !== 401) await answer.cancel();
    return answer;
  };
  const first = await send();
  if (first.status === 401) {
    if (!(await authorizer.answer(first, purpose, undefined))) throw denied(registry, true);
    // A token server that gives a token knows the user; a registry may want a scope for its first page all the same.
    if (authorizer.headerFor(purpose)?.startsWith('Bearer ')) return;
    const second = await send();
    if (second.status === 401) await second.cancel();
    if (second.status === 401 || second.status === 403) throw denied(registry, true);
    if (second.status !== 200) throw unavailable(url, `the registry answers with the status ${second.status}`);
    return;
  }
  if (first.status !== 200) throw unavailable(url, `the registry answers with the status ${first.status}`);
}
