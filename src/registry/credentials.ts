// Who one is at a registry: what `spin registry login` and `docker login` wrote, and the helpers that Docker's file names.
// Hosts are matched exactly: a login for one registry is not shown to another, whatever its name begins with.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { MayflyError, messageOf } from '../errors.ts';
import { configOfUser } from '../home.ts';
import { hostOf } from './reference.ts';

export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** A token that a registry's token server gives other tokens for. */
  | { readonly kind: 'identity-token'; readonly token: string };

type Environment = Readonly<Record<string, string | undefined>>;
type Table = Readonly<Record<string, unknown>>;

/** Milliseconds that a credential helper may take: it may ask a keyring, not a person. */
const HELPER_MS = 20_000;

/**
 * The credentials for a registry: those of Spin's file, of the helper or the file of Docker, in this order. Undefined
 * when there are none. Throws `registry-credentials` for a file or a helper that says nothing that can be understood.
 */
export async function findCredentials(
  registry: string,
  env: Environment = process.env,
): Promise<Credentials | undefined> {
  const spin = spinFile(env);
  const auths = tableAt(readJson(spin), 'auths');
  const own = textAt(auths, registry);
  if (own !== undefined) return decode(own, spin);
  const file = dockerFile(env);
  const config = readJson(file);
  const helper = textAt(tableAt(config, 'credHelpers'), registry) ?? textAt(config, 'credsStore');
  if (helper !== undefined) {
    const given = await askHelper(helper, registry, env);
    if (given) return given;
  }
  // Docker writes a key as a host or as a URL.
  const entry = Object.entries(tableAt(config, 'auths')).find(([key]) => hostOf(key) === registry)?.[1];
  const token = textAt(entry, 'identitytoken');
  if (token) return { kind: 'identity-token', token };
  const encoded = textAt(entry, 'auth');
  return encoded ? decode(encoded, file) : undefined;
}

/**
 * Keeps a login in Spin's file, which only this user may read, so that both know it. Throws `registry-credentials`.
 */
export function keepCredentials(
  registry: string,
  user: string,
  password: string,
  env: Environment = process.env,
): string {
  const file = spinFile(env);
  const config = readJson(file);
  const auths = { ...tableAt(config, 'auths'), [registry]: Buffer.from(`${user}:${password}`).toString('base64') };
  const temporary = `${file}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, `${JSON.stringify({ ...config, auths }, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, file);
  } catch (cause) {
    removeQuietly(temporary);
    throw wrong(`The login cannot be kept in ${file}: ${messageOf(cause)}`, cause);
  }
  return file;
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // What kept it from being written keeps it from being removed.
  }
}

function spinFile(env: Environment): string {
  return join(configOfUser(env), 'fermyon', 'registry-auth.json');
}

function dockerFile({ DOCKER_CONFIG, HOME }: Environment): string {
  return join(DOCKER_CONFIG || join(HOME ?? homedir(), '.docker'), 'config.json');
}

function readJson(file: string): Table {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Table) : {};
  } catch {
    // What is wrong with it is not quoted: it holds passwords.
    throw wrong(`The logins in ${file} are no JSON`);
  }
}

function tableAt(table: unknown, key: string): Table {
  const value = ownAt(table, key);
  return typeof value === 'object' && value !== null ? (value as Table) : {};
}

function textAt(table: unknown, key: string): string | undefined {
  const value = ownAt(table, key);
  return typeof value === 'string' ? value : undefined;
}

function ownAt(table: unknown, key: string): unknown {
  return typeof table === 'object' && table !== null && Object.hasOwn(table, key) ? (table as Table)[key] : undefined;
}

function decode(encoded: string, file: string): Credentials {
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 1) throw wrong(`A login in ${file} is not of the form user:password`);
  return { kind: 'password', user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Asks a helper by Docker's protocol: the host on stdin, JSON on stdout. Undefined when it knows no login. */
async function askHelper(name: string, registry: string, env: Environment): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  if (!/^[A-Za-z0-9._-]+$/.test(name)) throw wrong(`"${name}" is not the name of a credential helper`);
  const { failure, stdout } = await run(program, registry, env);
  if (failure) {
    // What helpers say when they have no login for a host.
    if (/credentials not found/i.test(stdout)) return undefined;
    throw wrong(`The credential helper ${program} failed: ${messageOf(failure)}`);
  }
  let answer: unknown;
  try {
    answer = JSON.parse(stdout);
  } catch {
    throw wrong(`The credential helper ${program} does not answer with JSON`);
  }
  const [user, secret] = [textAt(answer, 'Username'), textAt(answer, 'Secret')];
  if (user === undefined || secret === undefined) return undefined;
  if (user === '<token>') return { kind: 'identity-token', token: secret };
  return { kind: 'password', user, password: secret };
}

function run(program: string, input: string, env: Environment): Promise<{ failure: Error | null; stdout: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      ['get'],
      { env: { ...env }, timeout: HELPER_MS, maxBuffer: 1 << 20 },
      (failure, stdout) => resolve({ failure, stdout }),
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

function wrong(message: string, cause?: unknown): MayflyError {
  return new MayflyError('registry-credentials', message, cause === undefined ? {} : { cause });
}
