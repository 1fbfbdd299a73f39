// What the options of `mayfly kube scaffold` and the app come to.
import { readAppsFile } from '../../app/apps-file.ts';
import { lockApp } from '../../app/lock.ts';
import type { LockedApp } from '../../app/locked-app.ts';
import { toKebab } from '../../app/names.ts';
import { readRuntimeConfig } from '../../app/runtime-config/read.ts';
import type { RuntimeConfig } from '../../app/runtime-config/runtime-config.ts';
import { MayflyError } from '../../errors.ts';
import { upArguments } from '../../image/container.ts';
import { egressOf } from '../../kube/egress.ts';
import type { Autoscaler, Resources, Routing, Workload } from '../../kube/resources.ts';
import { formatReference, looksLikeReference, parseReference, type Reference } from '../../registry/reference.ts';
import { sharing } from '../../runtime.ts';
import { readText } from '../options.ts';
import { pullApp } from '../registry/pulled-app.ts';
import { cacheFolder } from '../up-options.ts';

export const autoscalers = ['hpa', 'keda', 'keda-http', 'knative'] as const;

export interface ScaffoldOptions {
  readonly from: string;
  /** The app, where it need not be pulled to look at it. */
  readonly app?: string;
  readonly runtimeImage?: string;
  readonly replicas: number;
  readonly maxReplicas: number;
  readonly autoscaler?: (typeof autoscalers)[number];
  readonly autoscalerTargetCpuUtilization: number;
  readonly autoscalerTargetMemoryUtilization: number;
  readonly executor?: string;
  readonly cpuLimit?: string;
  readonly memoryLimit?: string;
  readonly cpuRequest?: string;
  readonly memoryRequest?: string;
  readonly imagePullSecret?: readonly string[];
  readonly runtimeConfigFile?: string;
  readonly variable?: Readonly<Record<string, string>>;
  readonly component?: readonly string[];
  readonly serviceAccountName?: string;
  readonly metrics?: boolean;
  readonly gateway?: string;
  /** True without a class. */
  readonly ingress?: string | true;
  readonly host?: string;
  readonly insecure?: boolean;
  readonly cacheDir?: string;
}

/** Throws `usage` for options that do not go together, and for data that several pods would not share. */
export async function workloadOf(options: ScaffoldOptions): Promise<Workload> {
  const reference = parseReference(options.from);
  const forOperator = executorOf(options) !== undefined;
  const found = forOperator && options.app === undefined ? undefined : await findApp(options);
  const config = readRuntimeConfig({ file: options.runtimeConfigFile });
  const autoscaler = autoscalerOf(options, forOperator);
  const common = {
    name: nameOf(reference),
    image: formatReference(reference),
    replicas: options.replicas,
    autoscaler,
    imagePullSecrets: options.imagePullSecret ?? [],
    serviceAccount: options.serviceAccountName,
    runtimeConfig: options.runtimeConfigFile === undefined ? undefined : readText(options.runtimeConfigFile),
    variables: variablesOf(options.variable ?? {}, found?.app),
    metrics: options.metrics ?? false,
    routing: routingOf(options),
    resources: resourcesOf(options),
    apps: undefined,
  };
  if (!found) {
    const unknown = { version: undefined, args: undefined, serves: true, needsLeader: false, egress: 'any' } as const;
    return { ...common, ...unknown };
  }
  const { app } = found;
  const isShared = options.replicas > 1 || autoscaler !== undefined;
  if (isShared) {
    refuseOwnData(app, config);
    refuseOwnConnections(app);
  }
  const { needsLeader } = sharing(app);
  return {
    ...common,
    ...(forOperator ? { args: undefined } : imageOf(options, found, common.image)),
    version: app.version,
    serves: app.triggers.some(({ type }) => type === 'http'),
    needsLeader: needsLeader && isShared,
    egress: egressOf(app, config, options.variable ?? {}),
  };
}

export interface HostOptions
  extends Omit<ScaffoldOptions, 'from' | 'app' | 'metrics' | 'runtimeImage' | 'executor' | 'component'> {
  /** The list of apps. */
  readonly from: string;
  readonly image: string;
  readonly name: string;
}

/** The workload of a host of many apps. Throws what reading the list throws. */
export function hostWorkload(options: HostOptions): Workload {
  const listed = readAppsFile(options.from);
  const isHere = listed.find(({ from }) => !looksLikeReference(from));
  if (isHere) {
    throw new MayflyError(
      'usage',
      `The app of ${isHere.host} is at "${isHere.from}", which is no place in a registry`,
      {
        hint: "Push it with 'mayfly registry push', and write its reference",
      },
    );
  }
  return {
    name: options.name,
    version: undefined,
    image: formatReference(parseReference(options.image)),
    args: ['host', '/apps/apps.toml'],
    replicas: options.replicas,
    autoscaler: autoscalerOf(options, false),
    resources: resourcesOf(options),
    imagePullSecrets: options.imagePullSecret ?? [],
    serviceAccount: options.serviceAccountName,
    runtimeConfig: undefined,
    variables: [],
    routing: routingOf(
      options,
      listed.map(({ host }) => host),
    ),
    apps: { text: readText(options.from), secret: listed.some(({ variables }) => Object.keys(variables).length > 0) },
    serves: true,
    needsLeader: false,
    metrics: false,
    // What each app may reach stands in its own manifest, and may change while the pod runs.
    egress: 'any',
  };
}

function resourcesOf({ cpuLimit, memoryLimit, cpuRequest, memoryRequest }: HostOptions | ScaffoldOptions): Resources {
  return { cpuLimit, memoryLimit, cpuRequest, memoryRequest };
}

/** The executor of SpinKube's operator that runs the app; undefined for a Deployment of its own. */
export function executorOf({ executor }: Pick<ScaffoldOptions, 'executor'>): string | undefined {
  if (executor === 'deployment') return undefined;
  // The one that the operator's own plugin names.
  return executor === 'spinkube' ? 'containerd-shim-spin' : executor;
}

/** A name of Kubernetes (RFC 1123) of the last part of the repository. */
function nameOf({ repository }: Reference): string {
  const name = toKebab(repository.split('/').at(-1) ?? '').replace(/[^a-z0-9-]/g, '-');
  return name.slice(0, 50).replace(/^-+|-+$/g, '') || 'app';
}

interface FoundApp {
  readonly app: LockedApp;
  /** Whether the reference is an image with Mayfly in it, which runs by itself. */
  readonly isImage: boolean;
}

async function findApp({ from, app, insecure, cacheDir }: ScaffoldOptions): Promise<FoundApp> {
  if (app !== undefined) return { app: await lockApp(app, { purpose: 'build' }), isImage: true };
  const { kind, path } = await pullApp(from, { insecure, cacheDirectory: cacheFolder(cacheDir) });
  return { app: await lockApp(path), isImage: kind === 'image' };
}

/** The image that runs, and how it finds the app when that is not in it. */
function imageOf(
  { runtimeImage }: ScaffoldOptions,
  { isImage }: FoundApp,
  image: string,
): Pick<Workload, 'args'> & Partial<Pick<Workload, 'image'>> {
  if (isImage && runtimeImage === undefined) return { args: undefined };
  if (runtimeImage === undefined) {
    throw new MayflyError('usage', `${image} is an app without anything that runs it`, {
      hint: "Push an image with 'mayfly image build --push', name one that has Mayfly with '--runtime-image', or scaffold for SpinKube with '--executor containerd-shim-spin'",
    });
  }
  return {
    image: formatReference(parseReference(runtimeImage)),
    args: upArguments(image),
  };
}

function autoscalerOf(options: Omit<ScaffoldOptions, 'from'>, forOperator: boolean): Autoscaler | undefined {
  const { autoscaler: kind, replicas, maxReplicas, cpuLimit, memoryLimit } = options;
  if (kind === undefined) return undefined;
  if (forOperator && kind !== 'hpa' && kind !== 'keda') {
    throw new MayflyError('usage', `SpinKube's operator has no autoscaler '${kind}'`, { hint: "Use 'hpa' or 'keda'" });
  }
  if (maxReplicas < replicas) {
    throw new MayflyError('usage', `'--max-replicas ${maxReplicas}' is less than '--replicas ${replicas}'`);
  }
  const isByUse = kind === 'hpa' || kind === 'keda';
  if (isByUse && (cpuLimit === undefined || memoryLimit === undefined)) {
    throw new MayflyError(
      'usage',
      `'--autoscaler ${kind}' scales by what pods use of their limits, and they have none`,
      {
        hint: "Add '--cpu-limit 1' and '--memory-limit 512Mi', or what your app needs",
      },
    );
  }
  return {
    kind,
    maxReplicas,
    cpuUtilization: options.autoscalerTargetCpuUtilization,
    memoryUtilization: options.autoscalerTargetMemoryUtilization,
  };
}

function variablesOf(given: Readonly<Record<string, string>>, app: LockedApp | undefined): Workload['variables'] {
  return Object.entries(given).map(([name, value]) => {
    const declared = app && Object.hasOwn(app.variables, name) ? app.variables[name] : undefined;
    if (app && !declared) {
      throw new MayflyError('usage', `The app has no variable "${name}"`, {
        hint: `It has: ${Object.keys(app.variables).join(', ') || 'none'}`,
      });
    }
    return { name, value, secret: declared?.secret ?? false };
  });
}

/** `known` has the hosts that are routed when none is named. */
function routingOf(
  { gateway, ingress, host }: Pick<ScaffoldOptions, 'gateway' | 'ingress' | 'host'>,
  known: readonly string[] = [],
): Routing | undefined {
  if (gateway !== undefined && ingress !== undefined) {
    throw new MayflyError('usage', "'--gateway' and '--ingress' exclude each other");
  }
  if (gateway === undefined && ingress === undefined) return undefined;
  const hosts = host === undefined ? known : [host];
  if (hosts.length === 0) {
    throw new MayflyError('usage', 'Nothing says for which host requests are routed', {
      hint: "Add '--host app.example.com'",
    });
  }
  if (gateway !== undefined) return { kind: 'gateway', of: gateway, hosts };
  return { kind: 'ingress', of: ingress === true ? undefined : ingress, hosts };
}

/** Refuses stores and databases that each pod would have for itself. */
function refuseOwnData(app: LockedApp, { keyValueStores, sqliteDatabases }: RuntimeConfig): void {
  const isOwn = (kept: ReadonlyMap<string, { readonly type: string }>, label: string): boolean =>
    (kept.get(label)?.type ?? 'spin') === 'spin';
  for (const { id, keyValueStores: labels, sqliteDatabases: databases } of app.components) {
    const store = labels.find((label) => isOwn(keyValueStores, label));
    if (store !== undefined) {
      throw ownData(id, `store "${store}"`, `'[key_value_store.${store}]', 'type = "redis"' and 'url = "redis://…"'`);
    }
    const database = databases.find((label) => isOwn(sqliteDatabases, label));
    if (database !== undefined) {
      const table = `'[sqlite_database.${database}]', 'type = "libsql"', 'url = "https://…"' and 'token = "…"'`;
      throw ownData(id, `database "${database}"`, table);
    }
  }
}

/** Refuses WebSockets, whose topics and ids end at their pod. */
function refuseOwnConnections({ triggers }: LockedApp): void {
  if (!triggers.some(({ type }) => type === 'websocket')) return;
  const message = 'The app has WebSockets, and what one pod says to a topic does not reach those of another';
  throw new MayflyError('usage', message, { hint: "Scaffold one pod with '--replicas 1' and no autoscaler" });
}

function ownData(id: string, place: string, shared: string): MayflyError {
  const message = `Component "${id}" keeps data in the ${place}, of which each pod would have its own`;
  return new MayflyError('usage', message, {
    hint: `Write ${shared} into a runtime-config.toml and name it with '--runtime-config-file', or scaffold one pod with '--replicas 1' and no autoscaler`,
  });
}
