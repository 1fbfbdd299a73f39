// Golden resources: what is emitted for Kubernetes for workloads of every kind, whole, in `kube/*.json`. `UPDATE_GOLDEN=1`
// writes them anew; read the diff as one that a cluster gets.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Autoscaler, Resource, Routing, Workload } from '../../src/kube/resources.ts';
import { scaffold } from '../../src/kube/scaffold.ts';
import { scaffoldSpinApp } from '../../src/kube/spinapp.ts';
import { plainWorkload as plain } from '../../src/kube/workload.test-kit.ts';

const folder = join(import.meta.dirname, 'kube');
const update = process.env.UPDATE_GOLDEN === '1';

const full: Workload = {
  ...plain,
  version: 'no label, this',
  args: ['up', '-f', 'somewhere'],
  resources: { cpuLimit: '2', memoryLimit: '1Gi', cpuRequest: '500m', memoryRequest: '256Mi' },
  imagePullSecrets: ['one', 'two'],
  serviceAccount: 'robot',
  runtimeConfig: 'state_dir = "/state"\n',
  variables: [
    { name: 'greeting', value: 'hello', secret: false },
    { name: 'token', value: 'sesame', secret: true },
  ],
  needsLeader: true,
  metrics: true,
  egress: [
    { cidr: undefined, ports: [{ from: 443, to: 443 }] },
    { cidr: '10.0.0.0/8', ports: [{ from: 8000, to: 8002 }] },
    { cidr: '192.168.0.0/16', ports: 'any' },
  ],
};
const scaler = (kind: Autoscaler['kind']): Autoscaler => ({
  kind,
  maxReplicas: 5,
  cpuUtilization: 60,
  memoryUtilization: 70,
});
const route = (kind: Routing['kind'], of: string | undefined, hosts: readonly string[] = []): Routing => ({
  kind,
  of,
  hosts,
});
const hosts = (count: number): string[] => Array.from({ length: count }, (_, index) => `h${index}.example.com`);

const workloads: Readonly<Record<string, readonly Resource[]>> = {
  plain: scaffold(plain),
  'one-replica': scaffold({ ...plain, version: undefined, replicas: 1, egress: 'any' }),
  full: scaffold(full),
  'only-limits': scaffold({ ...plain, resources: { ...plain.resources, cpuLimit: '1' } }),
  'only-memory': scaffold({ ...plain, resources: { ...plain.resources, memoryLimit: '64Mi' } }),
  'only-plain-variables': scaffold({ ...plain, variables: full.variables.slice(0, 1) }),
  'only-secret-variables': scaffold({ ...plain, variables: full.variables.slice(1) }),
  worker: scaffold({ ...plain, serves: false, needsLeader: true, routing: route('gateway', 'main') }),
  'many-apps': scaffold({ ...plain, apps: { text: '[apps]\n', secret: false } }),
  'many-apps-secret': scaffold({ ...plain, apps: { text: '[apps]\n', secret: true } }),
  hpa: scaffold({ ...plain, autoscaler: scaler('hpa') }),
  keda: scaffold({ ...plain, autoscaler: scaler('keda') }),
  'keda-http': scaffold({ ...plain, autoscaler: scaler('keda-http'), routing: route('ingress', 'nginx', hosts(2)) }),
  'keda-http-any-host': scaffold({ ...plain, autoscaler: scaler('keda-http') }),
  knative: scaffold({ ...full, autoscaler: scaler('knative'), routing: route('gateway', 'main') }),
  gateway: scaffold({ ...plain, routing: route('gateway', 'infra/main', hosts(16)) }),
  'gateway-many-hosts': scaffold({ ...plain, routing: route('gateway', 'main', hosts(17)) }),
  ingress: scaffold({ ...plain, routing: route('ingress', 'nginx', hosts(2)) }),
  'ingress-any-host': scaffold({ ...plain, routing: route('ingress', undefined) }),
  spinapp: scaffoldSpinApp(plain, { executor: 'containerd-shim-spin', components: [] }),
  'spinapp-full': scaffoldSpinApp(
    { ...full, autoscaler: scaler('keda') },
    { executor: 'spin', components: ['a', 'b'] },
  ),
  'spinapp-only-limits': scaffoldSpinApp(
    { ...plain, resources: { ...plain.resources, memoryLimit: '64Mi' } },
    { executor: 'spin', components: [] },
  ),
};

for (const [name, resources] of Object.entries(workloads)) {
  test(`resources of ${name}`, () => {
    const file = join(folder, `${name}.json`);
    const text = `${JSON.stringify(resources, null, 2)}\n`;
    if (update) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'));
  });
}

test('each golden file has its workload', () => {
  for (const file of readdirSync(folder)) {
    if (file.replace('.json', '') in workloads) continue;
    if (update) rmSync(join(folder, file));
    else assert.fail(`kube/${file} belongs to no workload`);
  }
});
