// Who says how many pods there are: Kubernetes by CPU and memory, KEDA by the same or by requests down to none, or Knative.
import { podSpec } from './pod.ts';
import { type Autoscaler, labelsOf, metadataOf, nameOf, type Resource, type Workload } from './resources.ts';

export function autoscaling(workload: Workload): Resource[] {
  const { autoscaler } = workload;
  switch (autoscaler?.kind) {
    case 'hpa':
    case 'keda':
      return [scalerByUse(workload, autoscaler, metadataOf(workload, nameOf.autoscaler(workload.name)))];
    case 'keda-http':
      return scaledByRequests(workload, autoscaler);
    case 'knative':
      return [knativeService(workload, autoscaler)];
    case undefined:
      return [];
  }
}

/** What scales a deployment by the CPU and memory that its pods use: Kubernetes itself, or KEDA. */
export function scalerByUse(
  { name, replicas }: Pick<Workload, 'name' | 'replicas'>,
  { kind, maxReplicas, cpuUtilization, memoryUtilization }: Autoscaler,
  metadata: Resource['metadata'],
): Resource {
  const wanted = [
    ['cpu', cpuUtilization],
    ['memory', memoryUtilization],
  ] as const;
  if (kind === 'keda') {
    // https://keda.sh/docs/latest/reference/scaledobject-spec/
    const triggers = wanted.map(([type, value]) => ({
      type,
      metricType: 'Utilization',
      metadata: { value: String(value) },
    }));
    return {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata,
      spec: { scaleTargetRef: { name }, minReplicaCount: replicas, maxReplicaCount: maxReplicas, triggers },
    };
  }
  const metrics = wanted.map(([resource, averageUtilization]) => ({
    type: 'Resource',
    resource: { name: resource, target: { type: 'Utilization', averageUtilization } },
  }));
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: replicas,
      maxReplicas,
      metrics,
    },
  };
}

/** The HTTP add-on of KEDA: its interceptor holds requests while there is no pod. */
function scaledByRequests(workload: Workload, autoscaler: Autoscaler): Resource[] {
  const { name, routing } = workload;
  const route: Resource = {
    apiVersion: 'http.keda.sh/v1beta1',
    kind: 'InterceptorRoute',
    metadata: metadataOf(workload, name),
    spec: {
      target: { service: name, port: 80 },
      ...(routing && routing.hosts.length > 0 && { rules: [{ hosts: routing.hosts }] }),
      scalingMetric: { concurrency: { targetValue: 100 } },
    },
  };
  const scaled: Resource = {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: metadataOf(workload, nameOf.autoscaler(name)),
    spec: {
      scaleTargetRef: { name },
      minReplicaCount: 0,
      maxReplicaCount: autoscaler.maxReplicas,
      triggers: [
        {
          type: 'external-push',
          metadata: { scalerAddress: 'keda-add-ons-http-external-scaler.keda:9090', interceptorRoute: name },
        },
      ],
    },
  };
  return [route, scaled];
}

/** A Service of Knative (https://knative.dev/docs/serving/reference/serving-api/), which is the deployment as well. */
function knativeService(workload: Workload, autoscaler: Autoscaler): Resource {
  const annotations = {
    'autoscaling.knative.dev/min-scale': '0',
    'autoscaling.knative.dev/max-scale': String(autoscaler.maxReplicas),
    'autoscaling.knative.dev/metric': 'concurrency',
    'autoscaling.knative.dev/target': '100',
  };
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: metadataOf(workload),
    spec: {
      template: { metadata: { labels: labelsOf(workload), annotations }, spec: podSpec(workload, { isKnative: true }) },
    },
  };
}
