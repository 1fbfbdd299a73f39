// A workload with nothing special, for tests.
import type { Workload } from './resources.ts';

export const plainWorkload: Workload = {
  name: 'app',
  version: '1.0.0',
  image: 'registry.example.com/app:1',
  args: undefined,
  replicas: 2,
  autoscaler: undefined,
  resources: { cpuLimit: undefined, memoryLimit: undefined, cpuRequest: undefined, memoryRequest: undefined },
  imagePullSecrets: [],
  serviceAccount: undefined,
  runtimeConfig: undefined,
  variables: [],
  apps: undefined,
  serves: true,
  needsLeader: false,
  metrics: false,
  egress: [],
  routing: undefined,
};
