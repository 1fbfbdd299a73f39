// What Amazon's programs know of their surroundings: credentials, region and endpoint, from the environment, from the two
// files in the folder `.aws`, and from a web identity, the container or the machine. Single sign-on and roles that a profile
// names are not known.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { MayflyError } from '../../errors.ts';
import {
  type AwsKeys,
  type Environment,
  keysOfMachine,
  type PassingKeys,
  refreshed,
  remoteKeys,
} from './aws-remote-keys.ts';

export interface AwsSettings {
  /** The keys for a request: those that end are fetched anew in time. Rejects with `trigger-start`. */
  keys(): Promise<AwsKeys>;
  /** Undefined where nobody says it: then the URL of the queue does. */
  readonly region: string | undefined;
  /** The URL to which requests go in the place of that of the queue. */
  readonly endpoint: string | undefined;
}

type Section = ReadonlyMap<string, string>;

/** Reads the settings. Throws `trigger-start` when there are no credentials, or a file cannot be read. */
export async function awsSettings(env: Environment = process.env): Promise<AwsSettings> {
  const folder = join(env.HOME || homedir(), '.aws');
  const profile = env.AWS_PROFILE || 'default';
  const shared = await readIni(env.AWS_SHARED_CREDENTIALS_FILE || join(folder, 'credentials'));
  const config = await readIni(env.AWS_CONFIG_FILE || join(folder, 'config'));
  const settings = (profile === 'default' ? config.get('default') : undefined) ?? config.get(`profile ${profile}`);
  const given =
    keysOf((name) => env[name.toUpperCase()]) ??
    keysOf((name) => shared.get(profile)?.get(name)) ??
    keysOf((name) => settings?.get(name));
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || settings?.get('region') || undefined;
  return {
    keys: given ? async () => given : await fetchedKeys(env, profile, region),
    region,
    endpoint: env.AWS_ENDPOINT_URL_SQS || env.AWS_ENDPOINT_URL || settings?.get('endpoint_url') || undefined,
  };
}

async function fetchedKeys(env: Environment, profile: string, region: string | undefined) {
  const remote = remoteKeys(env, region);
  if (remote) return refreshed(await remote(), remote);
  const ofMachine = async (): Promise<PassingKeys> => {
    const found = await keysOfMachine(env);
    if (!found) throw noCredentials(profile);
    return found;
  };
  return refreshed(await ofMachine(), ofMachine);
}

/** Both keys, or nothing. `get` knows values by their names in the files. */
function keysOf(get: (name: string) => string | undefined): AwsKeys | undefined {
  const [accessKeyId, secretAccessKey] = [get('aws_access_key_id'), get('aws_secret_access_key')];
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken: get('aws_session_token') || undefined };
}

function noCredentials(profile: string): MayflyError {
  const message = `The sqs trigger has no credentials: neither the environment, the profile "${profile}" nor this machine has any`;
  return new MayflyError('trigger-start', message, {
    hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them to ~/.aws/credentials',
  });
}

async function readIni(path: string): Promise<ReadonlyMap<string, Section>> {
  try {
    return parseIni(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw new MayflyError('trigger-start', `The sqs trigger cannot read ${path}`, { cause: error });
  }
}

/** Reads sections of `key = value`. Lines that are indented belong to a key of their own kind, and are left out. */
export function parseIni(text: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const head = /^\[\s*(.*?)\s*\]/.exec(line);
    if (head) {
      const name = (head[1] ?? '').replace(/\s+/g, ' ');
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
      continue;
    }
    const pair = /^([^\s#;=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (pair) section?.set((pair[1] ?? '').toLowerCase(), (pair[2] ?? '').replace(/\s+[#;].*$/, ''));
  }
  return sections;
}
