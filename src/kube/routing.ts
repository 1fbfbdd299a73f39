// How requests come in: a route of the Gateway API (https://gateway-api.sigs.k8s.io/), or an Ingress.
import { metadataOf, type Resource, type Workload } from './resources.ts';

/** The most `hostnames` of an HTTPRoute. */
const MOST_HOSTNAMES = 16;

export function routing(workload: Workload): Resource[] {
  const { routing: wanted, serves, autoscaler } = workload;
  // Knative has routes of its own.
  if (!wanted || !serves || autoscaler?.kind === 'knative') return [];
  return [wanted.kind === 'gateway' ? gatewayRoute(workload, wanted) : ingress(workload, wanted)];
}

type Wanted = NonNullable<Workload['routing']>;

function gatewayRoute(workload: Workload, { of = '', hosts }: Wanted): Resource {
  const [first = '', second] = of.split('/');
  const parent = second === undefined ? { name: first } : { namespace: first, name: second };
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: metadataOf(workload),
    spec: {
      parentRefs: [parent],
      // The API takes no more names than these; without any, the listener of the Gateway says which.
      ...(hosts.length > 0 && hosts.length <= MOST_HOSTNAMES && { hostnames: hosts }),
      rules: [{ backendRefs: [{ name: workload.name, port: 80 }] }],
    },
  };
}

function ingress(workload: Workload, { of, hosts }: Wanted): Resource {
  const backend = { service: { name: workload.name, port: { name: 'http' } } };
  const paths = [{ path: '/', pathType: 'Prefix', backend }];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: metadataOf(workload),
    spec: {
      ...(of !== undefined && { ingressClassName: of }),
      rules: (hosts.length > 0 ? hosts : [undefined]).map((host) => ({
        ...(host !== undefined && { host }),
        http: { paths },
      })),
    },
  };
}
