// Amazon's credentials that a container, a machine or a web identity has: they are fetched, and end after some hours.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html, feature-imds-credentials.html,
// feature-assume-role-credentials.html
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { MayflyError, messageOf } from '../../errors.ts';

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** For credentials that end after some time. */
  readonly sessionToken: string | undefined;
}

/** Keys with the time at which they end, in milliseconds of the clock. */
export interface PassingKeys extends AwsKeys {
  readonly endsAt: number | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a machine of Amazon, and a container on it, ask. */
const CONTAINERS = 'http://169.254.170.2';
const MACHINES = 'http://169.254.169.254';
/** Addresses that may be asked without TLS, beside those of this machine: those of ECS and EKS. */
const LINK_LOCAL: readonly string[] = ['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]'];
/** Milliseconds for an answer. Machines elsewhere have nobody there, and a start should not wait long for that. */
const ANSWER_MS = 2_000;
const MOST_BYTES = 65_536;

/** Undefined where there is none of the three. Throws `trigger-start` where there is one that fails. */
export function remoteKeys(env: Environment, region: string | undefined): (() => Promise<PassingKeys>) | undefined {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: role } = env;
  if (file && role) return named('the web identity', () => keysOfIdentity(env, file, role, region));
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
  const full = env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  if (relative) return named('the container', () => keysOfContainer(env, new URL(relative, CONTAINERS)));
  if (full) return named('the container', () => keysOfContainer(env, checkedUrl(full)));
  return undefined;
}

function named(whose: string, fetchKeys: () => Promise<PassingKeys>): () => Promise<PassingKeys> {
  return async () => {
    try {
      return await fetchKeys();
    } catch (cause) {
      const message = `The sqs trigger cannot get the credentials of ${whose}: ${messageOf(cause)}`;
      throw new MayflyError('trigger-start', message, { cause });
    }
  };
}

/** What is asked for secrets is a host of Amazon's, this machine, or one that shows a certificate. */
function checkedUrl(text: string): URL {
  const url = new URL(text);
  const { hostname } = url;
  const isLoopback =
    hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && /^127\./.test(hostname));
  if (url.protocol === 'https:' || (url.protocol === 'http:' && (isLoopback || LINK_LOCAL.includes(hostname))))
    return url;
  throw new Error(`AWS_CONTAINER_CREDENTIALS_FULL_URI names the host ${hostname} without TLS`);
}

async function keysOfContainer(env: Environment, url: URL): Promise<PassingKeys> {
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file, AWS_CONTAINER_AUTHORIZATION_TOKEN: token } = env;
  const authorization = file ? (await readFile(file, 'utf8')).trim() : token;
  return keysIn(await ask(url, { headers: authorization ? { authorization } : {} }));
}

/** The keys of the role of a machine; undefined where nobody answers, or the machine has no role. */
export async function keysOfMachine(env: Environment): Promise<PassingKeys | undefined> {
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') return undefined;
  const base = env.AWS_EC2_METADATA_SERVICE_ENDPOINT || MACHINES;
  const roles = new URL('/latest/meta-data/iam/security-credentials/', base);
  try {
    const life = { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' };
    const token = await ask(new URL('/latest/api/token', base), { method: 'PUT', headers: life });
    const headers = { 'x-aws-ec2-metadata-token': token };
    const role = (await ask(roles, { headers })).split('\n')[0] ?? '';
    return keysIn(await ask(new URL(encodeURIComponent(role.trim()), roles), { headers }));
  } catch {
    return undefined;
  }
}

async function keysOfIdentity(
  env: Environment,
  file: string,
  role: string,
  region: string | undefined,
): Promise<PassingKeys> {
  const url = new URL(env.AWS_ENDPOINT_URL_STS || `https://sts.${region ?? 'us-east-1'}.amazonaws.com/`);
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: env.AWS_ROLE_SESSION_NAME || `mayfly-${Date.now()}`,
    WebIdentityToken: (await readFile(file, 'utf8')).trim(),
  });
  const text = await ask(url, { method: 'POST', body, headers: { accept: 'application/json' } });
  const answer = Object(JSON.parse(text)).AssumeRoleWithWebIdentityResponse;
  return keysOf(Object(Object(answer).AssumeRoleWithWebIdentityResult).Credentials);
}

/** The text of an answer of status 200. Rejects in words, which have nothing of what was sent. */
async function ask(url: URL, init: RequestInit): Promise<string> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const response = await fetch(url, { ...init, redirect: 'error', signal }).catch((cause: unknown) => {
    throw new Error(signal.aborted ? `${url.host} does not answer` : `${url.host} cannot be reached`, { cause });
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${url.host} answers with status ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MOST_BYTES) throw new Error(`the answer of ${url.host} is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function keysIn(text: string): PassingKeys {
  return keysOf(JSON.parse(text));
}

function keysOf(answer: unknown): PassingKeys {
  const { AccessKeyId: id, SecretAccessKey: secret, Token, SessionToken = Token, Expiration: end } = Object(answer);
  if (typeof id !== 'string' || typeof secret !== 'string') throw new Error('the answer has no credentials');
  // Seconds, as STS has it, or a date.
  const endsAt = typeof end === 'number' ? end * 1000 : Date.parse(String(end));
  return {
    accessKeyId: id,
    secretAccessKey: secret,
    sessionToken: typeof SessionToken === 'string' ? SessionToken : undefined,
    endsAt: Number.isNaN(endsAt) ? undefined : endsAt,
  };
}

/** New keys are fetched so many milliseconds before the former ones end. */
const EARLY_MS = 5 * 60_000;

/**
 * Gives keys again and again, fetched anew shortly before they end. When that fails, the former ones are given as long as they
 * last.
 */
export function refreshed(
  first: PassingKeys,
  fetchKeys: () => Promise<PassingKeys>,
  now: () => number = Date.now,
): () => Promise<AwsKeys> {
  let keys = first;
  let fetching: Promise<void> | undefined;
  return async () => {
    const left = keys.endsAt === undefined ? Number.POSITIVE_INFINITY : keys.endsAt - now();
    if (left > EARLY_MS) return keys;
    fetching ??= fetchKeys()
      .then((found) => {
        keys = found;
      })
      .finally(() => {
        fetching = undefined;
      });
    await fetching.catch((error: unknown) => {
      if (left <= 0) throw error;
    });
    return keys;
  };
}
