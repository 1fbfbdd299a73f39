// Gets the programs of which the cluster of the suite is made, those that judge what is pushed, and the schemas of what is
// added to the cluster, out of the modules that their projects publish, into `.cache/kube`: half an hour on two cores, once. What is there is not built again.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the programs. */
export const programs = join(import.meta.dirname, '../../.cache/kube');
/** Files of others by what they are for: what kwok does with nodes and pods, and custom resources. */
export const stages = join(programs, 'stages');
export const schemas = join(programs, 'schemas');

/** What the programs say they are; charts and clients look at it. */
const version = ['gitVersion=v1.37.2', 'gitMajor=1', 'gitMinor=37', 'gitTreeState=clean']
  .map((one) => `-X k8s.io/component-base/version.${one} -X k8s.io/client-go/pkg/version.${one}`)
  .join(' ');

const here = join(import.meta.dirname, 'control-plane');

/** Programs that are modules of their own. */
const installed: Readonly<Record<string, string>> = {
  kwok: 'sigs.k8s.io/kwok/cmd/kwok@v0.8.0',
  helm: 'helm.sh/helm/v4/cmd/helm@v4.3.1',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0',
  cosign: 'github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3',
  oras: 'oras.land/oras/cmd/oras@v1.3.6',
  registry: 'github.com/distribution/distribution/v3/cmd/registry@v3.1.2',
};

/** Files out of modules: the module, a folder of it, a pattern, and where they go. */
const taken = [
  ['sigs.k8s.io/kwok@v0.8.0', 'kustomize/stage/node/fast', /^node-.*\.yaml$/, stages],
  ['sigs.k8s.io/kwok@v0.8.0', 'kustomize/stage/pod/fast', /^pod-.*\.yaml$/, stages],
  ['sigs.k8s.io/gateway-api@v1.4.0', 'config/crd/standard', /_(httproutes|gateways)\.yaml$/, schemas],
  ['github.com/kedacore/keda/v2@v2.21.0', 'config/crd/bases', /_scaledobjects\.yaml$/, schemas],
  ['knative.dev/serving@v0.51.0', 'config/core/300-resources', /^service\.yaml$/, schemas],
] as const;

if (import.meta.main) build();

function build(): void {
  for (const folder of [programs, stages, schemas]) mkdirSync(folder, { recursive: true });
  const output = join(programs, 'control-plane');
  if (!existsSync(output)) go(['build', '-trimpath', `-ldflags=-s -w ${version}`, '-o', output, '.']);
  for (const [name, module] of Object.entries(installed)) {
    if (!existsSync(join(programs, name))) go(['install', module]);
  }
  for (const [module, folder, pattern, to] of taken) {
    const { Dir } = JSON.parse(go(['mod', 'download', '-json', module])) as { Dir: string };
    for (const name of readdirSync(join(Dir, folder)).filter((name) => pattern.test(name))) {
      if (!existsSync(join(to, name))) copyFileSync(join(Dir, folder, name), join(to, name));
    }
  }
}

function go(args: readonly string[]): string {
  console.error(`go ${args.join(' ')}`);
  const { status, error, stdout } = spawnSync('go', args, {
    cwd: here,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, GOBIN: programs },
  });
  if (error || status !== 0) throw new Error(`The suite needs Go 1.26 or newer: ${error ?? `exit ${status}`}`);
  return stdout;
}
