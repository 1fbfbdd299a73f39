// All resources of an app, in the order in which they are applied.
import { autoscaling } from './autoscaling.ts';
import { networkPolicy } from './network-policy.ts';
import { podMetadata, podSpec } from './pod.ts';
import { metadataOf, nameOf, type Resource, selectorOf, type Workload } from './resources.ts';
import { routing } from './routing.ts';

export function scaffold(workload: Workload): Resource[] {
  const { serviceAccount, needsLeader, serves, autoscaler } = workload;
  const isKnative = autoscaler?.kind === 'knative';
  return [
    ...(serviceAccount === undefined ? [account(workload)] : []),
    ...(needsLeader ? leadership(workload) : []),
    ...configuration(workload),
    ...(isKnative ? [] : [deployment(workload)]),
    ...(serves && !isKnative ? [service(workload)] : []),
    ...(isLasting(workload) ? [disruptionBudget(workload)] : []),
    // Knative's own proxy stands in the pod, and reaches what it needs.
    ...(isKnative ? [] : [networkPolicy(workload)]),
    ...autoscaling(workload),
    ...routing(workload),
  ];
}

function account(workload: Workload): Resource {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadataOf(workload),
    automountServiceAccountToken: false,
  };
}

/** What the pods need to agree on the one that runs the triggers of which there must be one. */
function leadership(workload: Workload): Resource[] {
  const name = nameOf.leader(workload.name);
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: metadataOf(workload, name),
      rules: [
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [name], verbs: ['get', 'update'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: metadataOf(workload, name),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name: workload.serviceAccount ?? workload.name }],
    },
  ];
}

/** Variables and the runtime configuration; what is secret is a Secret. */
function configuration(workload: Workload): Resource[] {
  const { name, variables, runtimeConfig, apps } = workload;
  const dataOf = (secret: boolean): Record<string, string> =>
    Object.fromEntries(
      variables
        .filter((one) => one.secret === secret)
        .map((one) => [`SPIN_VARIABLE_${one.name.toUpperCase()}`, one.value]),
    );
  const [open, secret] = [dataOf(false), dataOf(true)];
  const secretOf = (of: string, stringData: Record<string, string>): Resource => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadataOf(workload, of),
    type: 'Opaque',
    stringData,
  });
  const mapOf = (of: string, data: Record<string, string>): Resource => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(workload, of),
    data,
  });
  const listed = apps && (apps.secret ? secretOf : mapOf)(nameOf.apps(name), { 'apps.toml': apps.text });
  return [
    ...(listed ? [listed] : []),
    ...(Object.keys(open).length > 0 ? [mapOf(nameOf.variables(name), open)] : []),
    ...(Object.keys(secret).length > 0 ? [secretOf(nameOf.secrets(name), secret)] : []),
    ...(runtimeConfig === undefined
      ? []
      : [secretOf(nameOf.runtimeConfig(name), { 'runtime-config.toml': runtimeConfig })]),
  ];
}

function deployment(workload: Workload): Resource {
  const { name, replicas, autoscaler } = workload;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(workload),
    spec: {
      // Whoever scales the deployment says how many there are.
      ...(autoscaler === undefined && { replicas }),
      selector: { matchLabels: selectorOf(name) },
      // A new pod answers before an old one goes.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: podMetadata(workload), spec: podSpec(workload) },
    },
  };
}

function service(workload: Workload): Resource {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(workload),
    spec: {
      type: 'ClusterIP',
      selector: selectorOf(workload.name),
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}

/** Whether there are always several pods, of which one may be missing. */
function isLasting({ replicas, autoscaler }: Workload): boolean {
  if (autoscaler?.kind === 'knative' || autoscaler?.kind === 'keda-http') return false;
  return replicas > 1;
}

function disruptionBudget(workload: Workload): Resource {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadataOf(workload),
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(workload.name) } },
  };
}
