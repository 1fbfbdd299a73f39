// A cluster of Kubernetes for the suite: etcd, the API server, the controllers and the scheduler, and nodes that kwok
// pretends. Its pods become ready, and run nothing.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/servers/free-port.ts';
import { until } from '../support/servers/until.ts';
import { programs, schemas, stages } from './build.ts';

export interface Cluster {
  /** The configuration for kubectl. */
  readonly kubeconfig: string;
  /** A folder in which `kubectl` is found, for PATH. */
  readonly path: string;
  /** Runs kubectl; gives what it printed. Throws with what it said when it fails. */
  kubectl(args: readonly string[], input?: string): string;
  close(): void;
}

const ADMIN = 'admin-token';

export async function startCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-kube-'));
  const children: ChildProcess[] = [];
  const at = (name: string): string => join(folder, name);
  const run = (program: string, args: readonly string[]): void => {
    const child = spawn(join(programs, program), args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
    child.on('exit', (code) => {
      if (code !== 0 && code !== null) console.error(`${program} ${args[0]} ended with ${code}: ${said}`);
    });
    children.push(child);
  };
  const close = (): void => {
    for (const child of children.reverse()) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.on('exit', () => {
    for (const child of children) child.kill('SIGKILL');
  });
  const [etcd, peer, api, controllers, scheduler, kwok] = await Promise.all(Array.from({ length: 6 }, freePort));
  const etcdUrl = `http://127.0.0.1:${etcd}`;
  run('control-plane', [
    'etcd',
    ...['--data-dir', at('etcd'), '--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
    ...['--listen-peer-urls', `http://127.0.0.1:${peer}`, '--unsafe-no-fsync', '--log-level', 'error'],
  ]);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(at('accounts.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(at('tokens.csv'), `${ADMIN},admin,admin,system:masters\n`);
  const url = `https://127.0.0.1:${api}`;
  run('control-plane', [
    'apiserver',
    ...['--etcd-servers', etcdUrl, '--secure-port', String(api), '--bind-address', '127.0.0.1'],
    ...['--cert-dir', at('certificates'), '--token-auth-file', at('tokens.csv'), '--authorization-mode', 'RBAC'],
    ...['--service-account-issuer', 'https://kubernetes.default.svc', '--service-account-key-file', at('accounts.pem')],
    ...['--service-account-signing-key-file', at('accounts.pem'), '--service-cluster-ip-range', '10.96.0.0/16'],
  ]);
  const kubeconfig = at('kubeconfig');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'admin', user: { token: ADMIN } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
      'current-context': 'test',
    }),
  );
  const kubectl = (args: readonly string[], input?: string): string => {
    const { status, stdout, stderr } = spawnSync(join(programs, 'control-plane'), ['kubectl', ...args], {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      ...(input !== undefined && { input }),
    });
    if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  try {
    await until(async () => succeeds(() => kubectl(['get', '--raw', '/readyz'])), 'the API server', 90_000);
    const common = ['--kubeconfig', kubeconfig, '--leader-elect=false', '--bind-address', '127.0.0.1'];
    run('control-plane', [
      'controller-manager',
      ...common,
      ...['--secure-port', String(controllers), '--cert-dir', at('controllers')],
      ...['--service-account-private-key-file', at('accounts.pem'), '--use-service-account-credentials'],
    ]);
    run('control-plane', ['scheduler', ...common, '--secure-port', String(scheduler), '--cert-dir', at('scheduler')]);
    const configs = readdirSync(stages).flatMap((name) => ['--config', join(stages, name)]);
    const served = ['--server-address', `127.0.0.1:${kwok}`];
    run('kwok', ['--kubeconfig', kubeconfig, '--manage-all-nodes', ...served, ...configs]);
    for (const name of readdirSync(schemas)) kubectl(['apply', '--server-side', '-f', join(schemas, name)]);
    for (const name of ['node-1', 'node-2', 'node-3']) kubectl(['apply', '-f', '-'], JSON.stringify(node(name)));
    await until(async () => succeeds(() => kubectl(['get', 'serviceaccount', 'default'])), 'the controllers', 60_000);
  } catch (error) {
    close();
    throw error;
  }
  writeFileSync(at('kubectl'), `#!/bin/sh\nexec ${join(programs, 'control-plane')} kubectl "$@"\n`, { mode: 0o755 });
  return { kubeconfig, path: folder, kubectl, close };
}

function succeeds(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

function node(name: string): object {
  const resources = { cpu: '32', memory: '256Gi', pods: '500' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
    },
    status: { allocatable: resources, capacity: resources },
  };
}
