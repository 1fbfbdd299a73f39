// Which connections the network lets pods make: those that the manifest allows, as far as networks know names. A policy of
// Kubernetes knows addresses and ports only; the names are held to by the runtime itself.
import { PORT } from '../image/container.ts';
import {
  type Egress,
  METRICS_PORT,
  metadataOf,
  type PortRange,
  type Resource,
  selectorOf,
  type Workload,
} from './resources.ts';

export function networkPolicy(workload: Workload): Resource {
  const { name, serves, metrics, egress, needsLeader } = workload;
  const dns = { ports: [port('UDP', 53), port('TCP', 53)] };
  const api = needsLeader ? [{ ports: [port('TCP', 443), port('TCP', 6443)] }] : [];
  const open = [...(serves ? [port('TCP', PORT)] : []), ...(metrics ? [port('TCP', METRICS_PORT)] : [])];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(workload),
    spec: {
      podSelector: { matchLabels: selectorOf(name) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: open.length > 0 ? [{ ports: open }] : [],
      egress: egress === 'any' ? [{}] : [dns, ...api, ...egress.map(rule)],
    },
  };
}

function rule({ cidr, ports }: Exclude<Egress, 'any'>[number]): object {
  return {
    ...(cidr !== undefined && { to: [{ ipBlock: { cidr } }] }),
    ...(ports !== 'any' && { ports: ports.map(range) }),
  };
}

function range({ from, to }: PortRange): object {
  return { ...port('TCP', from), ...(to > from && { endPort: to }) };
}

function port(protocol: 'TCP' | 'UDP', port: number): object {
  return { protocol, port };
}
