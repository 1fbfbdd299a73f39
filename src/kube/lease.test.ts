// Of several that run for a lease one leads: another one takes over when it lets go, dies, or loses the cluster; a leader
// that cannot renew stops before another may begin.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { until } from '../../test/support/servers/until.ts';
import { clusterOfPod, LeaseElection } from './lease.ts';

const timing = { durationMs: 1000, periodMs: 50 };

interface FakeCluster {
  readonly url: string;
  lease: { metadata: { name: string; resourceVersion: string }; spec: Record<string, unknown> } | undefined;
  /** Identities whose requests get no answer, or a refusal. */
  readonly unreachable: Set<string>;
  readonly refused: Set<string>;
}

/** Leases as the API server keeps them: whoever writes must have read the last version. */
async function startCluster(): Promise<FakeCluster> {
  let version = 0;
  const cluster = {
    url: '',
    lease: undefined,
    unreachable: new Set(),
    refused: new Set(),
  } as unknown as FakeCluster & {
    url: string;
  };
  const server = createServer(async (request, response) => {
    const who = request.headers.authorization?.replace('Bearer ', '') ?? '';
    assert.match(request.url ?? '', /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/apps\/leases(\/the-lease)?$/);
    const body = await text(request);
    if (cluster.unreachable.has(who)) return void request.socket.destroy();
    const end = (status: number, value: unknown = {}): void =>
      void response.writeHead(status).end(JSON.stringify(value));
    if (cluster.refused.has(who)) return end(403, { message: 'forbidden' });
    const given = body === '' ? undefined : JSON.parse(body);
    const keep = (status: number): void => {
      cluster.lease = { ...given, metadata: { name: 'the-lease', resourceVersion: String(++version) } };
      end(status, cluster.lease);
    };
    if (request.method === 'POST') return cluster.lease ? end(409) : keep(201);
    if (!cluster.lease) return end(404);
    if (request.method === 'GET') return end(200, cluster.lease);
    return given.metadata.resourceVersion === cluster.lease.metadata.resourceVersion ? keep(200) : end(409);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close().closeAllConnections());
  cluster.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return cluster;
}

interface Candidate {
  readonly election: LeaseElection;
  leads: boolean;
  readonly said: string[];
}

function run(cluster: FakeCluster, identity: string): Candidate {
  const candidate = { leads: false, said: [] as string[] } as unknown as Candidate & { election: LeaseElection };
  candidate.election = new LeaseElection({
    name: 'the-lease',
    identity,
    api: { url: cluster.url, namespace: 'apps', token: () => identity, ca: undefined },
    timing,
    lead: () => {
      candidate.leads = true;
    },
    lose: (reason) => {
      candidate.leads = false;
      candidate.said.push(reason);
    },
    warn: (reason) => candidate.said.push(reason),
  });
  return candidate;
}

test('one of three leads, and another when it lets go', async () => {
  const cluster = await startCluster();
  const all = ['a', 'b', 'c'].map((name) => run(cluster, name));
  const leaders = (): Candidate[] => all.filter(({ leads }) => leads);
  await until(async () => leaders().length === 1, 'a leader');
  const [first] = leaders();
  const before = cluster.lease?.spec.renewTime;
  await until(async () => cluster.lease?.spec.renewTime !== before, 'a renewal');
  assert.deepEqual(leaders(), [first]);
  const started = performance.now();
  await first!.election.close();
  first!.leads = false;
  await until(async () => leaders().length === 1, 'the next leader');
  assert.ok(performance.now() - started < timing.durationMs, 'it did not wait for the lease to run out');
  assert.equal(cluster.lease?.spec.leaseTransitions, 1);
  await Promise.all(all.map(({ election }) => election.close()));
  assert.equal(cluster.lease?.spec.holderIdentity, '');
});

test('a leader that cannot reach the cluster stops, and another one follows it only then', async () => {
  const cluster = await startCluster();
  const first = run(cluster, 'first');
  await until(async () => first.leads, 'the leader');
  const second = run(cluster, 'second');
  cluster.unreachable.add('first');
  await until(async () => {
    assert.ok(!(first.leads && second.leads), 'there are two leaders');
    return second.leads;
  }, 'the next leader');
  assert.match(first.said.join('\n'), /could not be renewed in time/);
  await Promise.all([first, second].map(({ election }) => election.close()));
});

test('whoever is refused says so and does not lead; the pod of no cluster is an error', async () => {
  const cluster = await startCluster();
  cluster.refused.add('nobody');
  const candidate = run(cluster, 'nobody');
  await until(async () => candidate.said.length > 1, 'a warning');
  assert.match(candidate.said[0] ?? '', /status 403: .*forbidden/);
  assert.equal(candidate.leads, false);
  await candidate.election.close();
  assert.throws(() => clusterOfPod({}), { code: 'leader-lease' });
  assert.throws(() => clusterOfPod({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }), { code: 'leader-lease' });
});

const microTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}000Z$/;

/** A lease that somebody holds who is not there any more. */
const held = (spec: Record<string, unknown>) => ({
  metadata: { name: 'the-lease', resourceVersion: 'x' },
  spec: { holderIdentity: 'gone', leaseTransitions: 4, ...spec },
});

test('a new lease says who holds it, since when and for how long', async () => {
  const cluster = await startCluster();
  const one = run(cluster, 'one');
  await until(async () => one.leads, 'the leader');
  const { acquireTime, renewTime, ...rest } = cluster.lease?.spec ?? {};
  assert.deepEqual(rest, { holderIdentity: 'one', leaseDurationSeconds: 1, leaseTransitions: 0 });
  for (const time of [acquireTime, renewTime]) assert.match(String(time), microTime);
  await until(async () => cluster.lease?.spec.renewTime !== renewTime, 'a renewal');
  assert.equal(cluster.lease?.spec.acquireTime, acquireTime);
  assert.match(String(cluster.lease?.spec.renewTime), microTime);
  await one.election.close();
  const { holderIdentity, leaseDurationSeconds } = cluster.lease?.spec ?? {};
  assert.deepEqual([holderIdentity, leaseDurationSeconds], ['', 1]);
});

test('the lease of one who is gone is taken when it has run out here, and one without a holder at once', async () => {
  for (const [spec, leastMs] of [
    [{ leaseDurationSeconds: 1 }, 1000],
    [{}, timing.durationMs],
    [{ holderIdentity: '' }, 0],
    [{ holderIdentity: undefined }, 0],
  ] as const) {
    const cluster = await startCluster();
    cluster.lease = held(spec);
    const started = performance.now();
    const one = run(cluster, 'one');
    await until(async () => one.leads, 'the leader');
    const tookMs = performance.now() - started;
    assert.ok(tookMs >= leastMs, `${tookMs} ms`);
    assert.equal(cluster.lease?.spec.leaseTransitions, 5);
    assert.deepEqual(one.said, []);
    await one.election.close();
  }
});

test('a leader that finds another one in the lease stops at once, and leaves it its lease', async () => {
  const cluster = await startCluster();
  const one = run(cluster, 'one');
  await until(async () => one.leads, 'the leader');
  cluster.lease = held({ holderIdentity: 'thief', leaseDurationSeconds: 60 });
  await until(async () => !one.leads, 'the end of it');
  assert.deepEqual(one.said, ['another one holds the lease: thief']);
  await one.election.close();
  assert.equal(cluster.lease?.spec.holderIdentity, 'thief');
});

test('an election that is closed before it leads touches nothing', async () => {
  const cluster = await startCluster();
  cluster.lease = held({ leaseDurationSeconds: 60 });
  const one = run(cluster, 'one');
  await one.election.close();
  assert.deepEqual([one.leads, cluster.lease.spec.holderIdentity], [false, 'gone']);
});
