// The parts of the product that are broken, and the tests that should notice. Slow tests are left out: a part has
// quick ones of its own, and what only a slow test notices is a gap.

export interface Part {
  readonly name: string;
  /** Globs of the sources, tests and fixtures among them left out. */
  readonly sources: readonly string[];
  readonly without?: RegExp;
  /** Globs of the tests. Of these, those run that import the broken file, directly or not. */
  readonly tests: readonly string[];
}

export const parts: readonly Part[] = [
  {
    name: 'http',
    sources: ['src/triggers/http/**/*.ts'],
    tests: ['src/triggers/**/*.test.ts', 'test/e2e/{cgi,streams,middleware}.test.ts'],
  },
  {
    name: 'triggers',
    sources: ['src/triggers/**/*.ts'],
    without: /triggers\/http\//,
    tests: [
      'src/triggers/*.test.ts',
      'src/triggers/{command,cron,mqtt,redis,sqs}/*.test.ts',
      'test/e2e/trigger-*.test.ts',
    ],
  },
  {
    name: 'wasi',
    sources: ['src/host/wasi/**/*.ts'],
    tests: ['src/host/wasi/**/*.test.ts', 'src/host/*.test.ts'],
  },
  {
    name: 'outbound',
    sources: ['src/host/{outbound-http,network}/**/*.ts', 'src/host/*.ts'],
    tests: ['src/host/{outbound-http,network}/**/*.test.ts', 'src/host/*.test.ts', 'src/host/wasi/http/**/*.test.ts'],
  },
  {
    name: 'stores',
    sources: ['src/host/{key-value,sqlite,sql,variables}/**/*.ts'],
    tests: ['src/host/{key-value,sqlite,sql,variables,mysql,postgres}/**/*.test.ts'],
  },
  {
    name: 'servers',
    sources: ['src/host/{redis,postgres,mysql,mqtt,llm,otel}/**/*.ts'],
    tests: ['src/host/{redis,postgres,mysql,mqtt,llm,otel,sql}/**/*.test.ts'],
  },
  {
    name: 'app',
    sources: ['src/app/**/*.ts'],
    tests: ['src/app/**/*.test.ts', 'test/cases/*.test.ts'],
  },
  {
    name: 'rewriter',
    sources: ['src/component/rewrite/**/*.ts'],
    tests: ['src/component/rewrite/**/*.test.ts'],
  },
  {
    name: 'linker',
    sources: ['src/component/{binary,link}/**/*.ts'],
    tests: ['src/component/{binary,link,validate}/**/*.test.ts'],
  },
  {
    name: 'validator',
    sources: ['src/component/validate/**/*.ts'],
    tests: ['src/component/{binary,link,validate}/**/*.test.ts'],
  },
  {
    name: 'abi',
    sources: ['src/component/{abi,tasks,canon,types}/**/*.ts'],
    tests: ['src/component/{abi,tasks,canon,types,link}/**/*.test.ts'],
  },
  {
    name: 'sandbox',
    sources: ['src/sandbox/**/*.ts'],
    without: /\/cache\/|load-artifact/,
    tests: ['src/sandbox/**/*.test.ts', 'test/sandbox/{source-lines,means,isolation,reuse,mappings}.test.ts'],
  },
  {
    name: 'invocation',
    sources: ['src/invocation/**/*.ts', 'src/telemetry/**/*.ts'],
    tests: ['src/{invocation,telemetry}/**/*.test.ts', 'src/triggers/http/**/*.test.ts'],
  },
  {
    name: 'script',
    sources: ['src/script/**/*.ts'],
    tests: ['src/script/**/*.test.ts', 'test/scripts/{handlers,node-modules,web-imports}.test.ts'],
  },
  {
    name: 'workers',
    sources: ['src/workers/**/*.ts'],
    tests: ['src/workers/**/*.test.ts'],
  },
  {
    name: 'runtime',
    sources: ['src/runtime/**/*.ts', 'src/runtime.ts', 'src/library/**/*.ts', 'src/admin/**/*.ts'],
    tests: [
      'src/{runtime,library,admin}/**/*.test.ts',
      'test/e2e/{library,host,admin,answers,cli-test,cli-test-components,dependencies,middleware}.test.ts',
    ],
  },
  {
    name: 'registry',
    sources: ['src/registry/**/*.ts'],
    tests: ['src/registry/**/*.test.ts', 'test/e2e/registry.test.ts'],
  },
  {
    name: 'kube',
    sources: ['src/{kube,image}/**/*.ts'],
    tests: ['src/{kube,image}/**/*.test.ts', 'test/cases/kube.test.ts', 'test/e2e/image.test.ts'],
  },
  {
    name: 'cache',
    sources: ['src/sandbox/cache/**/*.ts', 'src/sandbox/load-artifact.ts'],
    tests: ['src/sandbox/load-artifact*.test.ts', 'src/sandbox/cache/**/*.test.ts'],
  },
];
