// `mayfly kube`: apps on Kubernetes. What is emitted is plain; kubectl, the cluster and its operators do the rest.
import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import { MayflyError, messageOf } from '../../errors.ts';
import { nameOf, type Resource } from '../../kube/resources.ts';
import { scaffold } from '../../kube/scaffold.ts';
import { scaffoldSpinApp } from '../../kube/spinapp.ts';
import { type KubectlOptions, knownKinds, kubectl } from '../kube/kubectl.ts';
import {
  autoscalers,
  executorOf,
  type HostOptions,
  hostWorkload,
  type ScaffoldOptions,
  workloadOf,
} from '../kube/workload.ts';
import { collect, collectVariable, parseCount, parseCountOrNone } from '../options.ts';
import { addInsecureOption } from '../registry/options.ts';
import { print, say } from '../ui.ts';

const MANAGED = 'app.kubernetes.io/managed-by=mayfly';
/** What scaffold makes, by the names of kinds; a cluster may lack those that are additions to it. */
const kinds = [
  ...['deployments.apps', 'services', 'configmaps', 'secrets', 'serviceaccounts', 'poddisruptionbudgets.policy'],
  ...['networkpolicies.networking.k8s.io', 'ingresses.networking.k8s.io', 'horizontalpodautoscalers.autoscaling'],
  ...['roles.rbac.authorization.k8s.io', 'rolebindings.rbac.authorization.k8s.io'],
  ...['httproutes.gateway.networking.k8s.io', 'services.serving.knative.dev', 'scaledobjects.keda.sh'],
  'interceptorroutes.http.keda.sh',
];

export function define(command: Command): void {
  const emit = command.command('scaffold').description('Print the resources of an app');
  addScaffoldOptions(emit)
    .option('-o, --out <file>', 'Write them to a file')
    .action(async ({ out, ...options }: ScaffoldOptions & { readonly out?: string }) => {
      show(await yamlOf(options), out);
    });
  const deploy = addCluster(command.command('deploy').description('Apply the resources of an app to a cluster'));
  addScaffoldOptions(deploy)
    .option('--dry-run', 'Let the cluster check them, and change nothing')
    .action(async ({ dryRun, ...options }: ScaffoldOptions & KubectlOptions & { readonly dryRun?: boolean }) => {
      const apply = [
        'apply',
        '--server-side',
        '--field-manager',
        'mayfly',
        ...(dryRun ? ['--dry-run=server'] : []),
        '-f',
        '-',
      ];
      process.exitCode = await kubectl(apply, options, await yamlOf(options));
    });
  addWorkloadOptions(
    command
      .command('host')
      .description('Print the resources of a host of many apps, each loaded when it is first called')
      .requiredOption('-f, --from <file>', "The list of apps, as for 'mayfly host'")
      .requiredOption('--image <reference>', "An image with Mayfly, such as one of 'mayfly image build'")
      .option('--name <name>', 'Name of the resources', 'mayfly-host'),
  )
    .option('-o, --out <file>', 'Write them to a file')
    .action(({ out, ...options }: HostOptions & { readonly out?: string }) => {
      show(toYaml(scaffold(hostWorkload(options))), out);
    });
  addCluster(command.command('list').description('List the apps that were deployed'))
    .option('-A, --all-namespaces', 'Those of all namespaces')
    .action(async ({ allNamespaces, ...options }: KubectlOptions & { readonly allNamespaces?: boolean }) => {
      const all = allNamespaces ? ['--all-namespaces'] : [];
      process.exitCode = await kubectl(['get', 'deployments', '--selector', MANAGED, ...all], options);
    });
  addCluster(command.command('get <name>').description('Show the resources and pods of an app')).action(
    async (name: string, options: KubectlOptions) => {
      const known = await kindsOf(options);
      process.exitCode = await kubectl(['get', `${known},pods`, '--selector', selectorOf(name)], options);
    },
  );
  addCluster(command.command('logs <name>').description('Show what the pods of an app print'))
    .option('-f, --follow', 'Go on as they print more')
    .option('--tail <lines>', 'The last lines of each pod', parseCountOrNone)
    .action(
      async (name: string, { follow, tail, ...options }: KubectlOptions & { follow?: boolean; tail?: number }) => {
        const more = [...(follow ? ['--follow'] : []), ...(tail === undefined ? [] : [`--tail=${tail}`])];
        process.exitCode = await kubectl(
          ['logs', '--selector', selectorOf(name), '--prefix', '--max-log-requests=50', ...more],
          options,
        );
      },
    );
  addCluster(command.command('delete <name>').description('Delete the resources of an app'))
    .option('-y, --yes', 'Do not ask')
    .action(async (name: string, { yes, ...options }: KubectlOptions & { readonly yes?: boolean }) => {
      await mustBeMeant(name, yes);
      process.exitCode = await kubectl(['delete', await kindsOf(options), '--selector', selectorOf(name)], options);
      // The pods made it, and gave it no label.
      await kubectl(['delete', 'lease', nameOf.leader(name), '--ignore-not-found'], options);
    });
}

/** The kinds of what scaffold makes that the cluster knows, for kubectl. */
async function kindsOf(options: KubectlOptions): Promise<string> {
  const known = await knownKinds(options);
  return kinds.filter((kind) => known.includes(kind)).join(',');
}

async function mustBeMeant(name: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  const { ask, canAsk } = await import('../templates/ask.ts');
  if (canAsk() && /^y(es)?$/i.test(await ask(`Delete all resources of "${name}"? y/n`, 'n'))) return;
  throw new MayflyError('usage', `Nothing of "${name}" was deleted`, { hint: "Say that it is meant with '--yes'" });
}

function selectorOf(name: string): string {
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name))
    throw new MayflyError('usage', `"${name}" is not the name of an app on Kubernetes`);
  return `${MANAGED},app.kubernetes.io/instance=${name}`;
}

function addCluster(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'Namespace (default: that of the context)')
    .option('--kube-context <name>', 'Context of kubectl (default: the current one)');
}

function addScaffoldOptions(command: Command): Command {
  command
    .requiredOption('-f, --from <reference>', 'The image of the app, or the app in a registry')
    .option('--app <path>', 'The app as it is here, so that it need not be pulled to look at it')
    .option('--runtime-image <reference>', 'An image with Mayfly, for an app that is none itself')
    .option('--executor <name>', "spinkube, or the name of an executor: a SpinApp for SpinKube's operator")
    .option('-c, --runtime-config-file <file>', 'Stores, databases and providers of variables, as a Secret')
    .option('-v, --variable <key=value>', 'Value of an app variable, or KEY=@file (may be repeated)', collectVariable)
    .option('--component <id>', 'Serve this component only, with --executor (may be repeated)', collect)
    .option('--metrics', "Give the pods an operator's port (9090), with metrics where Prometheus looks for them")
    .option('--cache-dir <folder>', 'Where what is pulled is kept (default: mayfly in the cache folder of the user)');
  return addInsecureOption(addWorkloadOptions(command));
}

/** The options about pods, whatever runs in them. */
function addWorkloadOptions(command: Command): Command {
  return command
    .option('-r, --replicas <count>', 'Pods; the least of them with an autoscaler', parseCount, 2)
    .option('--max-replicas <count>', 'The most pods of an autoscaler', parseCount, 3)
    .addOption(new Option('--autoscaler <kind>', 'What scales the app').choices(autoscalers))
    .option('--autoscaler-target-cpu-utilization <percent>', 'Of what is requested', parseCount, 60)
    .option('--autoscaler-target-memory-utilization <percent>', 'Of what is requested', parseCount, 60)
    .option('--cpu-limit <quantity>', 'The most CPU of a pod, such as 1 or 500m')
    .option('--memory-limit <quantity>', 'The most memory of a pod, such as 512Mi')
    .option('--cpu-request <quantity>', 'The CPU that a pod is promised')
    .option('--memory-request <quantity>', 'The memory that a pod is promised')
    .option('-s, --image-pull-secret <name>', 'Secret with a login for the registry (may be repeated)', collect)
    .option('--service-account-name <name>', 'A service account that is there (default: one of its own)')
    .option('--gateway <name>', 'Route requests from this Gateway; with its namespace before a /')
    .option('--ingress [class]', 'Route requests by an Ingress')
    .option('--host <name>', 'The host for which requests are routed');
}

async function yamlOf(options: ScaffoldOptions): Promise<string> {
  const { component = [] } = options;
  const executor = executorOf(options);
  const workload = await workloadOf(options);
  if (component.length > 0 && executor === undefined) {
    throw new MayflyError(
      'usage',
      "'--component' is for '--executor': an image serves the components that it was built with",
    );
  }
  const resources: Resource[] =
    executor === undefined ? scaffold(workload) : scaffoldSpinApp(workload, { executor, components: component });
  return toYaml(resources);
}

function toYaml(resources: readonly Resource[]): string {
  return resources.map((resource) => stringify(resource, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}

function show(text: string, file: string | undefined): void {
  if (file === undefined) {
    print(text.trimEnd());
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new MayflyError('usage', `"${file}" cannot be written: ${messageOf(cause)}`, { cause });
  }
  say(`Wrote ${file}`);
}
