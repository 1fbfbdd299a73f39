// What `mayfly kube` emits, in a cluster: every combination of options passes the API server's strict validation, pods of
// deployments become ready, and an app is deployed, listed, scaled out and deleted. `npm run test:kube`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { mayfly, type Outcome, root as repository } from '../e2e/cli-process.ts';
import { registryMissing, startRegistry } from '../support/servers/docker-registry.ts';
import { until } from '../support/servers/until.ts';
import { transcripts } from '../support/transcripts.ts';
import { programs } from './build.ts';
import { type Cluster, startCluster } from './cluster.ts';

const root = mkdtempSync(join(tmpdir(), 'mayfly-kube-suite-'));
let cluster: Cluster;

before(async () => {
  cluster = await startCluster();
  for (const [name, text] of Object.entries(apps)) writeFileSync(join(root, `${name}.toml`), text);
  writeFileSync(
    join(root, 'runtime-config.toml'),
    '[key_value_store.default]\ntype = "redis"\nurl = "redis://redis.example.com"\n',
  );
});
after(() => {
  cluster.close();
  rmSync(root, { recursive: true });
});

const apps = {
  web: `spin_manifest_version = 2
application = { name = "web", version = "1.0.0" }
[variables]
key = { required = true, secret = true }
greeting = { default = "hello" }
[[trigger.http]]
route = "/..."
component = "web"
[component.web]
source = "web.wasm"
allowed_outbound_hosts = ["https://api.example.com", "http://10.0.0.0/8:8000..8010"]
key_value_stores = ["default"]
`,
  cron: `spin_manifest_version = 2
application.name = "cron"
[[trigger.cron]]
cron_expression = "0 * * * * *"
component = "tick"
[component.tick]
source = "tick.wasm"
`,
};

const image = 'registry.example.com/acme/web:1.0';
const limits = ['--cpu-limit', '500m', '--memory-limit', '256Mi'];

/** Options of which one of each is taken, in all combinations. */
const choices: readonly (readonly (readonly string[])[])[] = [
  [
    [],
    ['--autoscaler', 'hpa', ...limits],
    ['--autoscaler', 'keda', ...limits],
    ['--autoscaler', 'keda-http'],
    ['--autoscaler', 'knative'],
  ],
  [
    [],
    ['--gateway', 'infra/main', '--host', 'a.example.com'],
    ['--ingress', '--host', 'a.example.com'],
    ['--ingress', 'nginx', '--host', 'a.example.com'],
  ],
  [
    ['--replicas', '1', '--metrics'],
    ['--replicas', '3', '--max-replicas', '9'],
  ],
  [
    [],
    [
      '--variable',
      'key=hush',
      '--variable',
      'greeting=hi',
      '--image-pull-secret',
      'registry',
      '--service-account-name',
      'default',
    ],
  ],
];

function combinations(of: typeof choices): string[][] {
  return of.reduce<string[][]>(
    (before, options) => before.flatMap((one) => options.map((option) => [...one, ...option])),
    [[]],
  );
}

/** Emits resources, with the runtime configuration that several pods need. */
function scaffold(app: keyof typeof apps, args: readonly string[]): Outcome {
  return mayfly(
    ['kube', 'scaffold', '-f', image, '--app', `${app}.toml`, '--runtime-config-file', 'runtime-config.toml', ...args],
    root,
  );
}

/** The API of the HTTP add-on is not to be had as a module: these are looked at by unit tests only. */
const unknown = /^apiVersion: http\.keda\.sh/;

test('every combination of options passes strict validation', { timeout: 300_000 }, () => {
  const documents = new Set<string>();
  let count = 0;
  for (const args of combinations(choices)) {
    const { code, stdout, stderr } = scaffold('web', args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    for (const document of stdout.split(/^---\n/m)) if (!unknown.test(document)) documents.add(document);
    count++;
  }
  assert.equal(count, 80);
  const text = [...documents].join('---\n');
  const applied = cluster.kubectl(
    ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--dry-run=server', '-f', '-'],
    text,
  );
  assert.equal(applied.trim().split('\n').length, documents.size);
});

test('a host of many apps passes strict validation', () => {
  const hosts = (count: number, more = ''): string =>
    Array.from(
      { length: count },
      (_, index) => `[[app]]\nhost = "a${index}.example.com"\nfrom = "registry.example.com/a:1"\n${more}`,
    ).join('');
  const documents: string[] = [];
  for (const [index, list] of [hosts(2), hosts(40, 'variables = { a = "b" }\n')].entries()) {
    writeFileSync(join(root, 'apps.toml'), list);
    for (const args of combinations(choices.slice(0, 1)).flatMap((one) => [
      one,
      [...one, '--gateway', 'g'],
      [...one, '--ingress'],
    ])) {
      const { code, stdout, stderr } = mayfly(
        ['kube', 'host', '-f', 'apps.toml', '--image', image, '--name', `host-${index}`, ...args],
        root,
      );
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
      documents.push(...stdout.split(/^---\n/m).filter((document) => !unknown.test(document)));
    }
  }
  cluster.kubectl(
    ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--dry-run=server', '-f', '-'],
    [...new Set(documents)].join('---\n'),
  );
});

test('a key that the API does not know does not pass', () => {
  const { stdout } = scaffold('web', []);
  assert.throws(
    () =>
      cluster.kubectl(
        ['apply', '--server-side', '--validate=strict', '--dry-run=server', '-f', '-'],
        stdout.replace('maxSurge: 1', 'maxSurges: 1'),
      ),
    /unknown field.*maxSurges|maxSurges.*field not declared/s,
  );
});

for (const app of ['web', 'cron'] as const) {
  test(`the pods of ${app} become ready, are listed and shown, and go`, { timeout: 110_000 }, async () => {
    const env = { KUBECONFIG: cluster.kubeconfig, PATH: `${cluster.path}:${process.env.PATH}` };
    const run = (args: readonly string[]): string => {
      const { code, stdout, stderr } = mayfly(['kube', ...args], root, env);
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
      return stdout;
    };
    const of = `registry.example.com/acme/${app}:1.0`;
    const deploy = ['deploy', '-f', of, '--app', `${app}.toml`, '--runtime-config-file', 'runtime-config.toml'];
    assert.match(run([...deploy, '--dry-run']), /deployment\.apps\/\w+ serverside-applied \(server dry run\)/);
    assert.equal(run(['list']), '');
    run(deploy);
    await until(
      () => cluster.kubectl(['get', 'deployment', app, '-o', 'jsonpath={.status.readyReplicas}']) === '2',
      'ready pods',
      60_000,
    );
    assert.match(run(['list']), new RegExp(`${app} +2/2`));
    assert.match(run(['get', app]), new RegExp(`pod/${app}-.* 1/1 +Running`));
    run([...deploy, '--replicas', '3']);
    assert.equal(cluster.kubectl(['get', 'deployment', app, '-o', 'jsonpath={.spec.replicas}']), '3');
    const refused = mayfly(['kube', 'delete', app], root, env);
    assert.match(refused.stderr, /Nothing of ".*" was deleted/);
    run(['delete', app, '--yes']);
    assert.equal(run(['list']), '');
  });
}

test('the account of an app with triggers of which there must be one may hold its lease, and no other', () => {
  cluster.kubectl(['apply', '-f', '-'], scaffold('cron', []).stdout);
  // The name of the app is that of its repository.
  const may = (verb: string, lease: string): boolean => {
    const who = 'system:serviceaccount:default:web';
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: who,
        resourceAttributes: {
          namespace: 'default',
          verb,
          group: 'coordination.k8s.io',
          resource: 'leases',
          name: lease,
        },
      },
    };
    const answer = cluster.kubectl(['create', '-f', '-', '-o', 'json'], JSON.stringify(review));
    return (JSON.parse(answer) as { status: { allowed: boolean } }).status.allowed;
  };
  assert.equal(may('update', 'web-leader'), true);
  assert.equal(may('get', 'web-leader'), true);
  assert.equal(may('update', 'other'), false);
  assert.equal(may('delete', 'web-leader'), false);
});

/** Settings of the chart of which one of each is taken, in all combinations. */
const settings: readonly (readonly (readonly string[])[])[] = [
  [[], ['autoscaling.enabled=true']],
  [
    [],
    ['ingress.enabled=true,ingress.host=a.example.com'],
    ['gateway.enabled=true,gateway.name=g,gateway.host=a.example.com'],
  ],
  [[], ['http=false,leaderLease=true,metrics=true']],
  [[], ['variables.a=b,secretVariables.c=d,runtimeConfig=x,imagePullSecrets[0]=registry']],
  [['replicas=1'], ['replicas=3,serviceAccount.create=false,serviceAccount.name=default,networkPolicy.enabled=false']],
];

function helm(args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(join(programs, 'helm'), args, { cwd: repository, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

function chart(sets: readonly string[], name = 'web'): Outcome {
  const all = ['image.repository=registry.example.com/acme/web', 'image.tag=1.0', ...sets];
  return helm([
    'template',
    name,
    'charts/mayfly',
    '--api-versions',
    'policy/v1',
    ...all.flatMap((one) => ['--set', one]),
  ]);
}

test('the chart is sound, and passes strict validation in every combination of its settings', {
  timeout: 110_000,
}, () => {
  const linted = helm(['lint', '--strict', 'charts/mayfly', '--set', 'image.repository=registry.example.com/acme/web']);
  assert.equal(linted.code, 0, linted.stdout + linted.stderr);
  const documents = new Set<string>();
  for (const sets of combinations(settings)) {
    const { code, stdout, stderr } = chart(sets);
    assert.equal(code, 0, `${sets.join(' ')}: ${stderr}`);
    for (const document of stdout.split(/^---\n/m)) if (/^kind:/m.test(document)) documents.add(document);
  }
  cluster.kubectl(
    ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--dry-run=server', '-f', '-'],
    [...documents].join('---\n'),
  );
  for (const wrong of ['replicas=0', 'imge.tag=x', 'image.digest=latest', 'variables.UPPER=x']) {
    assert.notEqual(chart([wrong]).code, 0, wrong);
  }
});

/** Writes the schemas of the cluster's API as files for kubeconform, each whole in itself and closed to unknown keys. */
function writeSchemas(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const { paths } = JSON.parse(cluster.kubectl(['get', '--raw', '/openapi/v3'])) as { paths: Record<string, object> };
  for (const path of Object.keys(paths).filter((name) => /^apis?\//.test(name))) {
    const document = cluster.kubectl(['get', '--raw', `/openapi/v3/${path}`]);
    // References stay references, to definitions that come along.
    const { components } = JSON.parse(document.replaceAll('#/components/schemas/', '#/definitions/')) as {
      components?: { schemas?: Record<string, Record<string, unknown>> };
    };
    const definitions = components?.schemas ?? {};
    for (const one of Object.values(definitions)) {
      if (one.properties && one.additionalProperties === undefined) one.additionalProperties = false;
    }
    for (const [name, schema] of Object.entries(definitions)) {
      for (const { group, kind, version } of (schema['x-kubernetes-group-version-kind'] ?? []) as Record<
        string,
        string
      >[]) {
        // What kubeconform takes for the group of an API without one.
        const file = `${kind}-${group || version}-${version}.json`.toLowerCase();
        writeFileSync(join(folder, file), JSON.stringify({ $ref: `#/definitions/${name}`, definitions }));
      }
    }
  }
}

test('kubeconform finds no fault in what scaffold and the chart emit, and does in what is wrong', {
  timeout: 110_000,
}, () => {
  const folder = join(root, 'schemas');
  writeSchemas(folder);
  const location = `${folder}/{{.ResourceKind}}-{{.Group}}-{{.ResourceAPIVersion}}.json`;
  const conforms = (text: string): Outcome => {
    const { status, stdout, stderr } = spawnSync(
      join(programs, 'kubeconform'),
      ['-strict', '-summary', '-schema-location', location, '-'],
      { input: text, encoding: 'utf8', maxBuffer: 2 ** 26 },
    );
    return { code: status, stdout, stderr };
  };
  const scaffolded = [
    ['--autoscaler', 'hpa', ...limits, '--ingress', '--host', 'a.example.com'],
    ['--autoscaler', 'knative'],
  ];
  const emitted = [...scaffolded.map((args) => scaffold('web', args).stdout), scaffold('cron', []).stdout];
  const charted = combinations(settings).map((sets) => chart(sets).stdout);
  const { code, stdout, stderr } = conforms([...emitted, ...charted].join('\n---\n'));
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /Summary: \d{2,} resources found.* Valid: \d{2,}, Invalid: 0, Errors: 0, Skipped: 0/);
  assert.notEqual(conforms(emitted[0]!.replace('maxSurge: 1', 'maxSurges: 1')).code, 0);
});

test('the chart and scaffold make the same pods', () => {
  interface Deployment {
    readonly spec: { readonly template: { readonly spec: { readonly containers: Record<string, unknown>[] } } };
  }
  const podOf = (text: string): object => {
    const documents = parseAllDocuments(text).map((one) => one.toJS() as Deployment & { readonly kind: string });
    const { spec } = documents.find(({ kind }) => kind === 'Deployment')!.spec.template;
    for (const container of spec.containers) delete container.imagePullPolicy;
    return spec;
  };
  const args = ['--variable', 'key=hush', '--variable', 'greeting=hi', '--metrics'];
  const sets = ['variables.greeting=hi', 'secretVariables.key=hush', 'runtimeConfig=x', 'metrics=true'];
  assert.deepEqual(podOf(chart(sets).stdout), podOf(scaffold('web', args).stdout));
});

test('every command of docs/kubernetes.md prints what the page says', {
  skip: registryMissing(),
  timeout: 400_000,
}, async (t) => {
  const registry = await startRegistry();
  t.after(() => registry.close());
  const place = join(root, 'docs');
  mkdirSync(join(place, 'bin'), { recursive: true });
  writeFileSync(
    join(place, 'bin', 'mayfly'),
    `#!/bin/sh\nexec ${process.execPath} ${join(repository, 'bin/mayfly.mjs')} "$@"\n`,
    { mode: 0o755 },
  );
  symlinkSync(join(repository, 'charts'), join(place, 'charts'));
  const path = [join(place, 'bin'), cluster.path, programs, dirname(process.execPath), process.env.PATH].join(':');
  const env = {
    ...process.env,
    NO_COLOR: '1',
    KUBECONFIG: cluster.kubeconfig,
    PATH: path,
    XDG_CACHE_HOME: join(place, 'cache'),
  };
  const here = (text: string): string => text.replaceAll('registry.example.com', registry.host);
  const steps = transcripts(join(repository, 'docs/kubernetes.md')).flat();
  assert.ok(steps.length > 10);
  for (const { command, output } of steps) {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', here(command)], { cwd: place, env, encoding: 'utf8' });
    assert.equal(status, 0, `${command}: ${stdout}${stderr}`);
    // Columns of kubectl are as wide as what stands in them.
    const squeezed = (text: string): string => text.trimEnd().replace(/ +/g, ' ');
    const expected = RegExp.escape(squeezed(here(output.join('\n')))).replaceAll('…', '[^]*');
    assert.match(squeezed(stdout), new RegExp(`^${expected}$`), command);
  }
});
