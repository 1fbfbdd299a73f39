// What is emitted for Kubernetes: pods that may do nothing that they need not, configuration where it belongs, and networks
// that are as open as the manifest says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockedApp, lockedComponent } from '../app/locked-app.test-kit.ts';
import { defaultRuntimeConfig, type RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import { egressOf } from './egress.ts';
import type { Resource } from './resources.ts';
import { scaffold } from './scaffold.ts';
import { scaffoldSpinApp } from './spinapp.ts';
import { plainWorkload as workload } from './workload.test-kit.ts';

const scaling = { maxReplicas: 5, cpuUtilization: 60, memoryUtilization: 70 };

// biome-ignore lint/suspicious/noExplicitAny: what is looked at is the shape itself
type Any = any;

const kinds = (resources: readonly Resource[]): string[] => resources.map(({ kind }) => kind);
const find = (resources: readonly Resource[], kind: string): Any => resources.find((one) => one.kind === kind);
const podOf = (resources: readonly Resource[]): Any => find(resources, 'Deployment').spec.template.spec;

test('a plain app: a deployment that nothing can get out of, a service, a budget, and a policy', () => {
  const all = scaffold(workload);
  assert.deepEqual(kinds(all), ['ServiceAccount', 'Deployment', 'Service', 'PodDisruptionBudget', 'NetworkPolicy']);
  const pod = podOf(all);
  const [container] = pod.containers;
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  assert.equal(pod.securityContext.runAsNonRoot, true);
  assert.equal(pod.automountServiceAccountToken, false);
  assert.equal(container.args, undefined);
  const { spec } = find(all, 'Deployment');
  assert.deepEqual(spec.strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
  assert.equal(spec.replicas, 2);
  const { selector } = find(all, 'Service').spec;
  for (const [key, value] of Object.entries(selector)) assert.equal(spec.template.metadata.labels[key], value);
  assert.ok(pod.terminationGracePeriodSeconds > container.lifecycle.preStop.sleep.seconds + 30);
  assert.deepEqual(kinds(scaffold({ ...workload, replicas: 1 })), [
    'ServiceAccount',
    'Deployment',
    'Service',
    'NetworkPolicy',
  ]);
});

test('variables and the runtime configuration; what is secret is in a Secret alone', () => {
  const all = scaffold({
    ...workload,
    runtimeConfig: 'state_dir = "/state"\n',
    variables: [
      { name: 'greeting', value: 'hello', secret: false },
      { name: 'api_key', value: 'hush', secret: true },
    ],
  });
  assert.deepEqual(find(all, 'ConfigMap').data, { SPIN_VARIABLE_GREETING: 'hello' });
  const secrets = all.filter(({ kind }) => kind === 'Secret') as Any[];
  assert.deepEqual(
    secrets.map(({ stringData }) => stringData),
    [{ SPIN_VARIABLE_API_KEY: 'hush' }, { 'runtime-config.toml': 'state_dir = "/state"\n' }],
  );
  const others = all.filter(({ kind }) => kind !== 'Secret');
  assert.doesNotMatch(JSON.stringify(others), /hush|state_dir/);
  const [container] = podOf(all).containers;
  assert.deepEqual(container.envFrom, [
    { configMapRef: { name: 'app-variables' } },
    { secretRef: { name: 'app-secrets' } },
  ]);
  assert.deepEqual(container.args.slice(-2), ['--runtime-config-file', '/runtime-config.toml']);
  assert.equal(container.volumeMounts.at(-1).subPath, 'runtime-config.toml');
});

test('the list of a host of many is mounted as a folder, which follows its source', () => {
  const all = scaffold({ ...workload, args: ['host', '/apps/apps.toml'], apps: { text: 'app = []', secret: false } });
  assert.deepEqual(find(all, 'ConfigMap').data, { 'apps.toml': 'app = []' });
  const pod = podOf(all);
  assert.deepEqual(pod.volumes.at(-1), { name: 'apps', configMap: { name: 'app-apps' } });
  assert.deepEqual(pod.containers[0].volumeMounts.at(-1), { name: 'apps', mountPath: '/apps', readOnly: true });
  const secret = scaffold({ ...workload, apps: { text: 'app = []', secret: true } });
  assert.equal(find(secret, 'ConfigMap'), undefined);
  assert.deepEqual(podOf(secret).volumes.at(-1), { name: 'apps', secret: { secretName: 'app-apps' } });
});

test('an app without an HTTP trigger has no service, no probes and no way in', () => {
  const all = scaffold({ ...workload, serves: false, needsLeader: true });
  assert.equal(find(all, 'Service'), undefined);
  assert.deepEqual(find(all, 'NetworkPolicy').spec.ingress, []);
  const pod = podOf(all);
  assert.equal(pod.containers[0].readinessProbe, undefined);
  assert.equal(pod.automountServiceAccountToken, true);
  assert.deepEqual(pod.containers[0].args.slice(-2), ['--leader-lease', 'app-leader']);
  assert.deepEqual(find(all, 'Role').rules[1].resourceNames, ['app-leader']);
  assert.equal(find(all, 'RoleBinding').subjects[0].name, 'app');
});

test('with metrics the pods have a port for the operator, where Prometheus looks', () => {
  const all = scaffold({ ...workload, metrics: true });
  const [container] = podOf(all).containers;
  assert.deepEqual(container.ports.at(-1), { name: 'metrics', containerPort: 9090 });
  assert.deepEqual(container.args.slice(-2), ['--admin', '0.0.0.0:9090']);
  const { annotations } = find(all, 'Deployment').spec.template.metadata;
  assert.deepEqual(annotations, {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': '9090',
    'prometheus.io/path': '/metrics',
  });
  const [{ ports }] = find(all, 'NetworkPolicy').spec.ingress;
  assert.deepEqual(ports, [
    { protocol: 'TCP', port: 8080 },
    { protocol: 'TCP', port: 9090 },
  ]);
  assert.equal(podOf(scaffold({ ...workload, serves: false, metrics: true })).containers[0].ports.length, 1);
});

test('autoscalers say how many pods there are, and nobody else does', () => {
  const withKind = (kind: 'hpa' | 'keda' | 'keda-http' | 'knative'): Resource[] =>
    scaffold({
      ...workload,
      autoscaler: { kind, ...scaling },
      routing: { kind: 'ingress', of: undefined, hosts: ['a.example.com'] },
    });
  const hpa = withKind('hpa');
  assert.equal(find(hpa, 'Deployment').spec.replicas, undefined);
  assert.deepEqual(
    [find(hpa, 'HorizontalPodAutoscaler').spec.minReplicas, find(hpa, 'HorizontalPodAutoscaler').spec.maxReplicas],
    [2, 5],
  );
  assert.equal(find(withKind('keda'), 'ScaledObject').spec.minReplicaCount, 2);
  const http = withKind('keda-http');
  assert.equal(find(http, 'ScaledObject').spec.minReplicaCount, 0);
  assert.deepEqual(find(http, 'InterceptorRoute').spec.rules, [{ hosts: ['a.example.com'] }]);
  const knative = withKind('knative');
  assert.deepEqual(kinds(knative), ['ServiceAccount', 'Service']);
  assert.equal((knative[1] as Any).apiVersion, 'serving.knative.dev/v1');
  assert.deepEqual((knative[1] as Any).spec.template.spec.containers[0].ports, [{ containerPort: 8080 }]);
});

test('requests come in over a Gateway or an Ingress', () => {
  const route = find(
    scaffold({ ...workload, routing: { kind: 'gateway', of: 'infra/main', hosts: ['a.example.com'] } }),
    'HTTPRoute',
  );
  assert.deepEqual(route.spec.parentRefs, [{ namespace: 'infra', name: 'main' }]);
  const ingress = find(
    scaffold({ ...workload, routing: { kind: 'ingress', of: 'nginx', hosts: ['a.example.com'] } }),
    'Ingress',
  );
  assert.equal(ingress.spec.ingressClassName, 'nginx');
  assert.equal(ingress.spec.rules[0].host, 'a.example.com');
});

test('for the operator of SpinKube: its resource, as its own plugin makes it', () => {
  const options = { executor: 'containerd-shim-spin', components: ['a'] };
  const [app, secret] = scaffoldSpinApp({ ...workload, runtimeConfig: 'x = 1' }, options) as Any[];
  assert.deepEqual(app.spec, {
    image: workload.image,
    executor: 'containerd-shim-spin',
    replicas: 2,
    components: ['a'],
    runtimeConfig: { loadFromSecret: 'app-runtime-config' },
  });
  assert.equal(secret.metadata.name, 'app-runtime-config');
  const [scaled, , scaler] = scaffoldSpinApp(
    { ...workload, runtimeConfig: 'x = 1', autoscaler: { kind: 'hpa', ...scaling } },
    { executor: 'spin', components: [] },
  ) as Any[];
  assert.equal(scaled.spec.enableAutoscaling, true);
  assert.equal(scaled.spec.replicas, undefined);
  assert.equal(scaler.kind, 'HorizontalPodAutoscaler');
});

const reaching = (hosts: readonly string[], values = {}, config: RuntimeConfig = defaultRuntimeConfig()): unknown =>
  egressOf(
    lockedApp({
      components: [lockedComponent({ allowedOutboundHosts: hosts })],
      variables: { host: { description: undefined, default: undefined, required: true, secret: false } },
    }),
    config,
    values,
  );

test('pods reach the ports of the hosts that the manifest allows', () => {
  const one = (port: number, cidr?: string): object => ({ cidr, ports: [{ from: port, to: port }] });
  assert.deepEqual(reaching([]), []);
  assert.deepEqual(reaching(['https://example.com', 'https://example.org', 'redis://a:7000']), [one(443), one(7000)]);
  assert.deepEqual(reaching(['http://10.0.0.0/8:8000..8010', 'https://10.0.0.0/8:*']), [
    { cidr: '10.0.0.0/8', ports: [{ from: 8000, to: 8009 }] },
    { cidr: '10.0.0.0/8', ports: 'any' },
  ]);
  assert.deepEqual(reaching(['http://self', 'http://other.spin.internal', 'https://*.spin.internal']), []);
  assert.equal(reaching(['*://*:*']), 'any');
  assert.equal(reaching(['https://{{ host }}']), 'any');
  assert.deepEqual(reaching(['https://{{ host }}'], { host: 'example.com:8443' }), [one(8443)]);
  const stores = new Map([['default', { type: 'redis', url: 'rediss://user:pass@redis.internal/1' }]] as const);
  assert.deepEqual(reaching([], {}, { ...defaultRuntimeConfig(), keyValueStores: stores }), [one(6379)]);
});

test('the policy lets names be looked up, and what the rules allow', () => {
  const { spec } = find(
    scaffold({ ...workload, egress: [{ cidr: '10.0.0.0/8', ports: [{ from: 80, to: 90 }] }] }),
    'NetworkPolicy',
  );
  assert.deepEqual(spec.egress, [
    {
      ports: [
        { protocol: 'UDP', port: 53 },
        { protocol: 'TCP', port: 53 },
      ],
    },
    { to: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ protocol: 'TCP', port: 80, endPort: 90 }] },
  ]);
  assert.deepEqual(find(scaffold({ ...workload, egress: 'any' }), 'NetworkPolicy').spec.egress, [{}]);
});
