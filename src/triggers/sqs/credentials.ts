// Who Mayfly is to Amazon: from the environment, from the files that Amazon's own tools read, or from the endpoint that gives
// containers and pods their role. https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'ini';
import { MayflyError, messageOf } from '../../errors.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** When they end, in milliseconds since 1970; undefined for those that do not. */
  readonly expiresAt?: number | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

type Profile = Readonly<Record<string, string | undefined>>;

const HINT = 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile in ~/.aws/credentials';
const TIMEOUT_MS = 5_000;

/** Rejects with `trigger-start` when nothing says who it is. */
export async function readCredentials(environment: Environment): Promise<Credentials> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if (accessKeyId && secretAccessKey) {
    return { accessKeyId, secretAccessKey, sessionToken: environment.AWS_SESSION_TOKEN || undefined };
  }
  const profile = await readProfile(environment);
  if (profile.aws_access_key_id && profile.aws_secret_access_key) {
    return {
      accessKeyId: profile.aws_access_key_id,
      secretAccessKey: profile.aws_secret_access_key,
      sessionToken: profile.aws_session_token || undefined,
    };
  }
  const role = await readRole(environment);
  if (role) return role;
  throw new MayflyError('trigger-start', 'The sqs trigger finds no credentials of AWS', { hint: HINT });
}

/** The region that the environment or the profile names, or the one in the address of a queue of Amazon. */
export async function readRegion(environment: Environment, queue: URL): Promise<string> {
  const named = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || (await readProfile(environment)).region;
  if (named) return named;
  const [, region] =
    /^(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue)\.amazonaws\.com/.exec(queue.hostname)?.filter(Boolean) ?? [];
  return region ?? 'us-east-1';
}

/** What both files say of the profile; the credentials file counts where both do. */
async function readProfile(environment: Environment): Promise<Profile> {
  const name = environment.AWS_PROFILE || 'default';
  const folder = join(environment.HOME || homedir(), '.aws');
  const credentials = await readIni(environment.AWS_SHARED_CREDENTIALS_FILE || join(folder, 'credentials'));
  const config = await readIni(environment.AWS_CONFIG_FILE || join(folder, 'config'));
  const section =
    name === 'default' ? (config.get('default') ?? config.get('profile default')) : config.get(`profile ${name}`);
  return { ...section, ...credentials.get(name) };
}

/** Sections by their names; none for a file that is not there. Rejects with `trigger-start` for one that cannot be read. */
async function readIni(file: string): Promise<ReadonlyMap<string, Profile>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw new MayflyError('trigger-start', `The sqs trigger cannot read ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  // A dot in the name of a section would make a section within another one.
  const sections = Object.entries(
    parse(text.replace(/^\s*\[(.*)\]\s*$/gm, (_, name) => `[${name.replaceAll('.', '\\.')}]`)),
  );
  return new Map(sections.flatMap(([name, value]) => (typeof value === 'object' ? [[name, value as Profile]] : [])));
}

/** The role of a container of ECS or of a pod of EKS. */
async function readRole(environment: Environment): Promise<Credentials | undefined> {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = environment;
  const url = path ? `http://169.254.170.2${path}` : full;
  if (!url) return undefined;
  const file = environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  try {
    const token = file ? (await readFile(file, 'utf8')).trim() : environment.AWS_CONTAINER_AUTHORIZATION_TOKEN;
    const response = await fetch(url, {
      ...(token && { headers: { authorization: token } }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    const given = (await response.json()) as Partial<
      Record<'AccessKeyId' | 'SecretAccessKey' | 'Token' | 'Expiration', string>
    >;
    if (!given.AccessKeyId || !given.SecretAccessKey) throw new Error('it gives no keys');
    const expiresAt = given.Expiration === undefined ? Number.NaN : Date.parse(given.Expiration);
    return {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      sessionToken: given.Token,
      expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt,
    };
  } catch (error) {
    const message = `The sqs trigger gets no credentials from ${new URL(url).origin}: ${messageOf(error)}`;
    throw new MayflyError('trigger-start', message, { cause: error, hint: HINT });
  }
}
