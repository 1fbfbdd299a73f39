// `mayfly registry`: apps and components in OCI registries.
import { buffer } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { MayflyError } from '../../errors.ts';
import { keepCredentials } from '../../registry/credentials.ts';
import { tryLogin } from '../../registry/login.ts';
import type { Descriptor } from '../../registry/oci.ts';
import { nameIn, parseReference, parseRegistry } from '../../registry/reference.ts';
import { Repository } from '../../registry/repository.ts';
import { addFromOption, appPath } from '../app-path.ts';
import { buildChanged } from '../build/build-changed.ts';
import { collectPair, readText } from '../options.ts';
import { addInsecureOption, creationTime, type RegistryCommandOptions } from '../registry/options.ts';
import { pullApp } from '../registry/pulled-app.ts';
import { type PushCommandOptions, publishFile, pushApp } from '../registry/push.ts';
import { parseTarget } from '../registry/pushing.ts';
import { ask, askSecret, canAsk } from '../templates/ask.ts';
import { print, say } from '../ui.ts';
import { cacheFolder } from '../up-options.ts';

export function define(command: Command): void {
  definePush(command);
  definePull(command);
  definePublish(command);
  defineLogin(command);
  defineSign(command);
  defineVerify(command);
}

interface PushOptions extends Omit<PushCommandOptions, 'from'> {
  readonly from?: string;
  readonly build?: boolean;
}

function definePush(command: Command): void {
  const push = command
    .command('push <reference>')
    .description('Push an app, in the format of Spin')
    .option('--profile <name>', 'Profile of the components that counts')
    .option('--build', 'Build what has changed first');
  addFromOption(push);
  addCommon(addAnnotations(push));
  // Spin joins dependencies when it pushes; here they stay beside their component, as Spin reads them, too.
  push.addOption(new Option('--compose <value>').hideHelp());
  push.action(async (text: string, { from: given, build, ...options }: PushOptions) => {
    const reference = parseTarget(text);
    const from = appPath(given);
    if (build) await buildChanged(from, options.profile);
    await pushApp(reference, { ...options, from });
  });
}

function definePull(command: Command): void {
  const pull = command.command('pull <reference>').description('Pull an app or a component, to serve it later');
  addCommon(pull).action(async (text: string, { insecure, cacheDir, json }: RegistryCommandOptions) => {
    const pulled = await pullApp(text, { insecure, cacheDirectory: cacheFolder(cacheDir) });
    if (json) print(JSON.stringify(pulled));
    else print(`Pulled ${pulled.reference} with digest ${pulled.digest}`);
  });
}

function definePublish(command: Command): void {
  const publish = command
    .command('publish <file> <reference>')
    .description('Push a component or core module alone, as wkg does');
  addCommon(addAnnotations(publish)).action(
    async (file: string, text: string, options: Omit<PushCommandOptions, 'from'>) =>
      publishFile(file, parseTarget(text), { ...options, from: file }),
  );
}

interface LoginOptions {
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
  readonly insecure?: boolean;
}

function defineLogin(command: Command): void {
  const login = command
    .command('login <registry>')
    .description('Log in to a registry')
    .option('-u, --username <name>', 'User')
    .option('-p, --password <text>', 'Password; others may see it in the list of processes')
    .option('--password-stdin', 'Read the password from standard input');
  addInsecureOption(login).action(async (text: string, options: LoginOptions) => {
    const registry = parseRegistry(text);
    const [user, password] = [await userOf(options), await passwordOf(options)];
    await tryLogin(registry, { kind: 'password', user, password }, options.insecure ?? false);
    say(`Logged in to ${registry}; the login is in ${keepCredentials(registry, user, password)}`);
  });
}

async function userOf({ username }: LoginOptions): Promise<string> {
  const user = username ?? (canAsk() ? await ask('User') : '');
  if (user === '') throw new MayflyError('usage', 'There is no user', { hint: "Name one with '-u'" });
  if (user.includes(':')) throw new MayflyError('usage', 'A user has no colon in its name');
  return user;
}

async function passwordOf({ password, passwordStdin }: LoginOptions): Promise<string> {
  if (password !== undefined && passwordStdin) {
    throw new MayflyError('usage', "'--password' and '--password-stdin' exclude each other");
  }
  const given = passwordStdin
    ? (await buffer(process.stdin)).toString().replace(/\r?\n$/, '')
    : (password ?? (canAsk() ? await askSecret('Password') : ''));
  if (given === '') {
    throw new MayflyError('usage', 'There is no password', {
      hint: "Give it on standard input, with '--password-stdin'",
    });
  }
  return given;
}

function addAnnotations(command: Command): Command {
  return command.option('--annotation <key=value>', 'Annotation of the manifest (may be repeated)', collectPair);
}

function addCommon(command: Command): Command {
  return addInsecureOption(command)
    .option('--cache-dir <folder>', 'Where what is pulled is kept (default: mayfly in the cache folder of the user)')
    .option('--json', 'Print what was done as JSON');
}

interface SignatureOptions extends RegistryCommandOptions {
  readonly key: string;
}

function defineSign(command: Command): void {
  const sign = command
    .command('sign <reference>')
    .description('Sign what is in a registry with a key, as cosign does')
    .requiredOption('--key <file>', 'Private key; its passphrase is in MAYFLY_KEY_PASSWORD or COSIGN_PASSWORD');
  addInsecureOption(sign)
    .option('--json', 'Print what was done as JSON')
    .action(async (text: string, { key, insecure, json }: SignatureOptions) => {
      const [{ readPrivateKey }, { signManifest }] = await Promise.all([
        import('../../registry/signing-key.ts'),
        import('../../registry/signature.ts'),
      ]);
      const { MAYFLY_KEY_PASSWORD, COSIGN_PASSWORD } = process.env;
      const secret = readPrivateKey(readText(key), MAYFLY_KEY_PASSWORD ?? COSIGN_PASSWORD ?? '');
      const { repository, subject } = await subjectOf(text, insecure);
      const signature = await signManifest(repository, subject, secret, creationTime());
      if (json) print(JSON.stringify({ digest: subject.digest, signature: signature.digest }));
      else print(`Signed ${subject.digest}`);
    });
}

function defineVerify(command: Command): void {
  const verify = command
    .command('verify <reference>')
    .description('Check that what is in a registry has a signature of a key')
    .requiredOption('--key <file>', 'Public key');
  addInsecureOption(verify)
    .option('--json', 'Print what was found as JSON')
    .action(async (text: string, { key, insecure, json }: SignatureOptions) => {
      const [{ readPublicKey }, { verifyManifest }] = await Promise.all([
        import('../../registry/signing-key.ts'),
        import('../../registry/signature.ts'),
      ]);
      const publicKey = readPublicKey(readText(key));
      const { repository, subject } = await subjectOf(text, insecure);
      await verifyManifest(repository, subject.digest, publicKey);
      if (json) print(JSON.stringify({ digest: subject.digest, verified: true }));
      else print(`Verified ${subject.digest}`);
    });
}

/** What a reference names now: the manifest that is signed by its digest. */
async function subjectOf(
  text: string,
  insecure: boolean | undefined,
): Promise<{ readonly repository: Repository; readonly subject: Descriptor }> {
  const reference = parseReference(text);
  const repository = new Repository(reference.registry, reference.repository, { insecure });
  const found = await repository.manifest(nameIn(reference));
  return { repository, subject: { mediaType: found.mediaType, digest: found.digest, size: found.bytes.length } };
}
