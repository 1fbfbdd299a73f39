// Imports point one way: cli → runtime → triggers → sandbox → component, as the design draws it. This test reads them.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

/** What a part may import beside itself; parts are the longest prefix that matches a file. */
const allowed: Record<string, readonly string[]> = {
  'src/errors.ts': [],
  'src/telemetry': ['src/errors.ts'],
  'src/app': ['src/errors.ts'],
  'src/component/types': ['src/errors.ts'],
  'src/component': ['src/errors.ts', 'src/component/types'],
  'src/sandbox': ['src/component', 'src/component/types', 'src/errors.ts', 'src/telemetry'],
  'src/host': ['src/app', 'src/component/types', 'src/errors.ts', 'src/telemetry'],
  'src/triggers': [
    'src/sandbox',
    'src/host',
    'src/component',
    'src/component/types',
    'src/app',
    'src/errors.ts',
    'src/telemetry',
  ],
  'src/workers': ['src/errors.ts', 'src/telemetry'],
  'src/runtime': [
    'src/triggers',
    'src/sandbox',
    'src/host',
    'src/component',
    'src/component/types',
    'src/app',
    'src/errors.ts',
    'src/telemetry',
  ],
  'src/runtime.ts': [
    'src/runtime',
    'src/triggers',
    'src/sandbox',
    'src/host',
    'src/component',
    'src/component/types',
    'src/app',
    'src/errors.ts',
    'src/telemetry',
  ],
  'src/index.ts': ['src/runtime.ts', 'src/runtime', 'src/app', 'src/errors.ts', 'src/telemetry'],
  'src/cli': [
    'src/runtime.ts',
    'src/runtime',
    'src/workers',
    'src/triggers',
    'src/sandbox',
    'src/app',
    'src/errors.ts',
    'src/telemetry',
    'src/component',
    'src/component/types',
  ],
};

/** Services of the host know nothing of each other; files right in src/host are theirs in common. */
const services = /^src\/host\/([^/]+)\//;

const files = globSync('src/**/*.ts').filter(
  (file) => !/(\.test|\.test-kit|test-support|test-owner|-contract|\.fixture|\.d)\.ts$/.test(file),
);

function partOf(file: string): string | undefined {
  return Object.keys(allowed)
    .filter((part) => file === part || file.startsWith(`${part}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function importsOf(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  const found = [...source.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)];
  return found.map(([, path]) => normalize(join(dirname(file), path as string)));
}

test('every source file belongs to a part', () => {
  assert.deepEqual(
    files.filter((file) => partOf(file) === undefined),
    [],
  );
});

test('no import points against the design', () => {
  const wrong: string[] = [];
  for (const file of files) {
    const part = partOf(file) as string;
    for (const target of importsOf(file)) {
      const other = partOf(target);
      if (other !== part && !allowed[part]?.includes(other ?? '')) wrong.push(`${file} → ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('no host service imports another', () => {
  const wrong = files.flatMap((file) => {
    const service = services.exec(file)?.[1];
    if (!service) return [];
    return importsOf(file)
      .filter((target) => (services.exec(target)?.[1] ?? service) !== service)
      .map((target) => `${file} → ${target}`);
  });
  assert.deepEqual(wrong, []);
});

test('only cli/ui.ts prints', () => {
  const printing = files.filter(
    (file) =>
      file !== 'src/cli/ui.ts' && /\bconsole\.|process\.(stdout|stderr)\.write/.test(readFileSync(file, 'utf8')),
  );
  assert.deepEqual(printing, []);
});
