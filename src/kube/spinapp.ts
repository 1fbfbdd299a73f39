// The resources of an app for SpinKube's operator (core.spinkube.dev/v1alpha1), as the plugin `spin kube scaffold` makes them.
import { scalerByUse } from './autoscaling.ts';
import { nameOf, type Resource, type Workload } from './resources.ts';

export interface SpinAppOptions {
  readonly executor: string;
  /** The components that are served; all when there are none. */
  readonly components: readonly string[];
}

export function scaffoldSpinApp(workload: Workload, { executor, components }: SpinAppOptions): Resource[] {
  const { name, image, replicas, autoscaler, variables, resources, imagePullSecrets, serviceAccount } = workload;
  const { runtimeConfig } = workload;
  const limits = withoutUndefined({ cpu: resources.cpuLimit, memory: resources.memoryLimit });
  const requests = withoutUndefined({ cpu: resources.cpuRequest, memory: resources.memoryRequest });
  const app: Resource = {
    apiVersion: 'core.spinkube.dev/v1alpha1',
    kind: 'SpinApp',
    metadata: { name },
    spec: {
      image,
      executor,
      ...(autoscaler ? { enableAutoscaling: true } : { replicas }),
      ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
      ...(variables.length > 0 && { variables: variables.map(({ name, value }) => ({ name, value })) }),
      ...(components.length > 0 && { components }),
      ...((limits ?? requests) && { resources: { ...(limits && { limits }), ...(requests && { requests }) } }),
      ...(imagePullSecrets.length > 0 && { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
      ...(runtimeConfig !== undefined && { runtimeConfig: { loadFromSecret: nameOf.runtimeConfig(name) } }),
    },
  };
  const secret: Resource = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: nameOf.runtimeConfig(name) },
    type: 'Opaque',
    stringData: { 'runtime-config.toml': runtimeConfig },
  };
  return [
    app,
    ...(runtimeConfig === undefined ? [] : [secret]),
    ...(autoscaler ? [scalerByUse(workload, autoscaler, { name: nameOf.autoscaler(name) })] : []),
  ];
}

function withoutUndefined(table: Readonly<Record<string, string | undefined>>): Record<string, string> | undefined {
  const entries = Object.entries(table).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
