// What others say of what is pushed and signed: cosign verifies our signatures and we verify its, with its own keys; oras
// reads what is pushed, and lists what refers to it. Part of `npm run test:kube`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { mayfly } from '../e2e/cli-process.ts';
import { guestPath } from '../guests/build.ts';
import { type RegistryServer, startRegistry } from '../support/servers/docker-registry.ts';
import { programs } from './build.ts';

const root = mkdtempSync(join(tmpdir(), 'mayfly-judges-'));
let registry: RegistryServer;
let count = 0;

before(async () => {
  registry = await startRegistry();
});
after(async () => {
  await registry.close();
  rmSync(root, { recursive: true });
});

const secret = { COSIGN_PASSWORD: 'sesame' };

/** Runs a program that judges; gives all that it said. Throws when it finds fault. */
function judge(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(join(programs, program), args, {
    cwd: root,
    env: { ...process.env, HOME: root, ...secret },
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stderr}`);
  return stdout + stderr;
}

function works(args: readonly string[]): string {
  const { code, stdout, stderr } = mayfly(args, root, { HOME: root, ...secret });
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}

async function pushed(): Promise<string> {
  const reference = `${registry.host}/acme/judged:${++count}`;
  works(['registry', 'publish', await guestPath('hello-c'), reference, '--annotation', `count=${count}`]);
  return reference;
}

const verifying = ['--insecure-ignore-tlog=true', '--allow-http-registry'];

for (const type of ['ec', 'ed25519'] as const) {
  test(`cosign verifies our signature with a key of the kind ${type}`, async () => {
    const { publicKey, privateKey } =
      type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
    writeFileSync(join(root, `${type}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(root, `${type}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
    const reference = await pushed();
    works(['registry', 'sign', reference, '--key', `${type}.key`]);
    assert.match(
      judge('cosign', ['verify', '--key', `${type}.pub`, ...verifying, reference]),
      /verified against the specified public key/,
    );
  });
}

test('we verify signatures of cosign, and sign with its keys', async () => {
  judge('cosign', ['generate-key-pair']);
  const reference = await pushed();
  const options = ['--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry', '-y'];
  judge('cosign', ['sign', '--key', 'cosign.key', ...options, reference]);
  assert.match(works(['registry', 'verify', reference, '--key', 'cosign.pub']), /^Verified sha256:/);
  const other = await pushed();
  works(['registry', 'sign', other, '--key', 'cosign.key']);
  judge('cosign', ['verify', '--key', 'cosign.pub', ...verifying, other]);
});

test('oras reads what is pushed, and lists what refers to it', async () => {
  const reference = await pushed();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(root, 'oras.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  works(['registry', 'sign', reference, '--key', 'oras.key']);
  judge('oras', ['pull', '--plain-http', '-o', 'pulled', reference]);
  const listed = judge('oras', ['discover', '--plain-http', '--format', 'json', reference]);
  assert.match(listed, /application\/vnd\.dev\.sigstore\.bundle\.v0\.3\+json/);
});
