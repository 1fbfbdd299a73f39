// Objects of Kubernetes as plain data, in the shapes of its API (https://kubernetes.io/docs/reference/kubernetes-api/).

/** An object that `kubectl apply` takes. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** What scaffold makes resources of. */
export interface Workload {
  /** A name that Kubernetes takes: that of the app's repository. */
  readonly name: string;
  readonly version: string | undefined;
  readonly image: string;
  /** Arguments in the place of the image's own. */
  readonly args: readonly string[] | undefined;
  readonly replicas: number;
  readonly autoscaler: Autoscaler | undefined;
  readonly resources: Resources;
  readonly imagePullSecrets: readonly string[];
  readonly serviceAccount: string | undefined;
  /** The text of the runtime configuration. */
  readonly runtimeConfig: string | undefined;
  readonly variables: readonly { readonly name: string; readonly value: string; readonly secret: boolean }[];
  /** The list of apps of a host of many; undefined for an app. It is a Secret when it holds values of variables. */
  readonly apps: { readonly text: string; readonly secret: boolean } | undefined;
  /** Whether something listens: apps without an HTTP trigger have no service and no probes. */
  readonly serves: boolean;
  /** Whether only one of the pods may run some of the triggers. */
  readonly needsLeader: boolean;
  /** Whether the pods have a port for the operator, with metrics. */
  readonly metrics: boolean;
  readonly egress: Egress;
  readonly routing: Routing | undefined;
}

export interface Resources {
  readonly cpuLimit: string | undefined;
  readonly memoryLimit: string | undefined;
  readonly cpuRequest: string | undefined;
  readonly memoryRequest: string | undefined;
}

export interface Autoscaler {
  readonly kind: 'hpa' | 'keda' | 'keda-http' | 'knative';
  readonly maxReplicas: number;
  /** Percent of what is requested. */
  readonly cpuUtilization: number;
  readonly memoryUtilization: number;
}

/** Where pods may connect to, beside the DNS: everywhere, or to these ports of these networks. */
export type Egress =
  | 'any'
  | readonly { readonly cidr: string | undefined; readonly ports: readonly PortRange[] | 'any' }[];

export interface PortRange {
  readonly from: number;
  /** The last port; the same as `from` for one. */
  readonly to: number;
}

export interface Routing {
  readonly kind: 'gateway' | 'ingress';
  /** The name of the Gateway, with its namespace before a `/`, or of the IngressClass; undefined for the default class. */
  readonly of: string | undefined;
  /** The hosts for which requests are routed; all when there are none. */
  readonly hosts: readonly string[];
}

/** The operator's port. */
export const METRICS_PORT = 9090;
export const HEALTH = '/.well-known/spin/health';

export function labelsOf({ name, version }: Pick<Workload, 'name' | 'version'>): Record<string, string> {
  return {
    ...selectorOf(name),
    'app.kubernetes.io/managed-by': 'mayfly',
    ...(version !== undefined && isLabel(version) && { 'app.kubernetes.io/version': version }),
  };
}

/** The metadata of an object of a workload, by default with its name. */
export function metadataOf(workload: Workload, name = workload.name): Resource['metadata'] {
  return { name, labels: labelsOf(workload) };
}

/** The labels by which pods are found: they never change. */
export function selectorOf(name: string): Record<string, string> {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name };
}

function isLabel(text: string): boolean {
  return /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(text);
}

/** The name of an object that belongs to a workload. */
export const nameOf = {
  variables: (name: string): string => `${name}-variables`,
  secrets: (name: string): string => `${name}-secrets`,
  runtimeConfig: (name: string): string => `${name}-runtime-config`,
  autoscaler: (name: string): string => `${name}-autoscaler`,
  apps: (name: string): string => `${name}-apps`,
  leader: (name: string): string => `${name}-leader`,
} as const;
