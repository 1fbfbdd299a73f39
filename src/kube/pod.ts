// The pod of an app, with all that production wants of one.
import { ownArguments, PORT, USER } from '../image/container.ts';
import { HEALTH, labelsOf, METRICS_PORT, nameOf, selectorOf, type Workload } from './resources.ts';

/** Seconds in which the endpoints of a service learn that a pod ends, before it takes no more connections. */
const LEAVE_SECONDS = 5;
/** Seconds that requests in flight may take to finish: what the runtime waits for, and some more. */
const DRAIN_SECONDS = 40;

interface PodOptions {
  /** Whether the platform chooses the port and the probes' pace, as Knative does. */
  readonly isKnative?: boolean;
}

export function podSpec(workload: Workload, { isKnative = false }: PodOptions = {}): object {
  const { name, imagePullSecrets, needsLeader } = workload;
  return {
    serviceAccountName: workload.serviceAccount ?? name,
    // Only to hold the lease of a leader a pod speaks with Kubernetes.
    automountServiceAccountToken: needsLeader,
    ...(imagePullSecrets.length > 0 && { imagePullSecrets: imagePullSecrets.map((each) => ({ name: each })) }),
    ...(!isKnative && { terminationGracePeriodSeconds: LEAVE_SECONDS + DRAIN_SECONDS }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(!isKnative && {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: selectorOf(name) },
        },
      ],
    }),
    containers: [container(workload, isKnative)],
    volumes: volumesOf(workload),
  };
}

function container(workload: Workload, isKnative: boolean): object {
  const { name, image, serves } = workload;
  const args = argsOf(workload);
  return {
    name,
    image,
    ...(args && { args }),
    ...portsOf(workload, isKnative),
    ...environmentOf(workload),
    ...(serves && probes(isKnative)),
    // The endpoints of the service forget the pod before it takes no more connections.
    ...(serves && !isKnative && { lifecycle: { preStop: { sleep: { seconds: LEAVE_SECONDS } } } }),
    resources: resourcesOf(workload),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: mountsOf(workload),
  };
}

function portsOf({ serves, metrics }: Workload, isKnative: boolean): object {
  // Knative takes one port, and gives it a name itself.
  if (isKnative) return { ports: [{ containerPort: PORT }] };
  const ports = [
    ...(serves ? [{ name: 'http', containerPort: PORT }] : []),
    ...(metrics ? [{ name: 'metrics', containerPort: METRICS_PORT }] : []),
  ];
  return ports.length > 0 ? { ports } : {};
}

function argsOf({ args, runtimeConfig, needsLeader, metrics, name }: Workload): readonly string[] | undefined {
  const more = [
    ...(runtimeConfig === undefined ? [] : ['--runtime-config-file', '/runtime-config.toml']),
    ...(needsLeader ? ['--leader-lease', nameOf.leader(name)] : []),
    ...(metrics ? ['--admin', `0.0.0.0:${METRICS_PORT}`] : []),
  ];
  if (more.length === 0) return args;
  return [...(args ?? ownArguments), ...more];
}

function environmentOf({ name, variables }: Workload): object {
  const sources = [
    ...(variables.some(({ secret }) => !secret) ? [{ configMapRef: { name: nameOf.variables(name) } }] : []),
    ...(variables.some(({ secret }) => secret) ? [{ secretRef: { name: nameOf.secrets(name) } }] : []),
  ];
  return {
    env: [{ name: 'SPIN_HTTP_LISTEN_ADDR', value: `0.0.0.0:${PORT}` }],
    ...(sources.length > 0 && { envFrom: sources }),
  };
}

/** Ready is who can serve; alive is who answers at all. */
function probes(isKnative: boolean): object {
  const ask = (path: string) => ({ httpGet: isKnative ? { path } : { path, port: 'http' } });
  const readinessProbe = { ...ask(`${HEALTH}?ready`), periodSeconds: 2, failureThreshold: 2, timeoutSeconds: 2 };
  if (isKnative) return { readinessProbe };
  return {
    startupProbe: { ...ask(`${HEALTH}?ready`), periodSeconds: 1, failureThreshold: 60, timeoutSeconds: 2 },
    readinessProbe,
    livenessProbe: { ...ask(HEALTH), periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 5 },
  };
}

function resourcesOf({ resources }: Workload): object {
  const { cpuLimit, memoryLimit, cpuRequest, memoryRequest } = resources;
  const table = (cpu: string | undefined, memory: string | undefined): object => ({
    ...(cpu !== undefined && { cpu }),
    ...(memory !== undefined && { memory }),
  });
  return {
    // As Kubernetes has it, what is limited and not requested is requested up to its limit: autoscalers measure by that.
    requests: table(cpuRequest ?? cpuLimit ?? '100m', memoryRequest ?? memoryLimit ?? '128Mi'),
    ...((cpuLimit ?? memoryLimit) !== undefined && { limits: table(cpuLimit, memoryLimit) }),
  };
}

function mountsOf({ runtimeConfig, apps }: Workload): object[] {
  return [
    { name: 'tmp', mountPath: '/tmp' },
    { name: 'state', mountPath: '/state' },
    // A folder, and not a file of it, follows its source when that changes.
    ...(apps ? [{ name: 'apps', mountPath: '/apps', readOnly: true }] : []),
    ...(runtimeConfig === undefined
      ? []
      : [
          { name: 'runtime-config', mountPath: '/runtime-config.toml', subPath: 'runtime-config.toml', readOnly: true },
        ]),
  ];
}

function volumesOf({ name, runtimeConfig, apps }: Workload): object[] {
  const list = apps?.secret
    ? { secret: { secretName: nameOf.apps(name) } }
    : { configMap: { name: nameOf.apps(name) } };
  return [
    { name: 'tmp', emptyDir: {} },
    { name: 'state', emptyDir: {} },
    ...(apps ? [{ name: 'apps', ...list }] : []),
    ...(runtimeConfig === undefined
      ? []
      : [{ name: 'runtime-config', secret: { secretName: nameOf.runtimeConfig(name) } }]),
  ];
}

/** The labels and annotations of pods. */
export function podMetadata(workload: Workload): object {
  // What Prometheus is usually set up to look for.
  const annotations = {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(METRICS_PORT),
    'prometheus.io/path': '/metrics',
  };
  return { labels: labelsOf(workload), ...(workload.metrics && { annotations }) };
}
