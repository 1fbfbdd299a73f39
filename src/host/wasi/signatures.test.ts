// Every version of WASI that guests may import is there whole, with the types of its WIT, and with nothing beside it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { spinWitMissing } from '../../../scripts/spin-wit.ts';
import {
  type Candidate,
  candidateVersions,
  makeCandidateSignatures,
  makeSignatures,
  type Signatures,
  signaturesFile,
  type WasiVersion,
} from '../../../scripts/wit-signatures.ts';
import type { HostInterface } from '../../component/types/val-type.ts';
import { HANDLER_TYPE, INCOMING_HANDLER_TYPE, RUN_TYPE, RUN_TYPE_03 } from './http/handler-types.ts';
import { candidateInterfaces, wasiInterfaces, wasiInterfaces03 } from './service.ts';

interface Version {
  readonly file: WasiVersion | Candidate;
  readonly interfaces: readonly HostInterface[];
  readonly make: () => Promise<Signatures>;
  /** Why the WIT is not to be had here. */
  readonly missing?: string | undefined;
}

const missing = spinWitMissing();
const versions: readonly Version[] = [
  { file: '0.2', interfaces: wasiInterfaces, make: () => makeSignatures('0.2') },
  { file: '0.3', interfaces: wasiInterfaces03, make: () => makeSignatures('0.3') },
  ...(Object.entries(candidateVersions) as [Candidate, string][]).map(([file, version]) => ({
    file,
    interfaces: candidateInterfaces.filter((one) => one.version === version),
    make: () => makeCandidateSignatures(file),
    missing,
  })),
];

/** What guests export, and the host calls: no interface of the host. */
const exportsOfGuests = ['wasi:cli/run', 'wasi:http/incoming-handler', 'wasi:http/handler'];

function storedIn(file: Version['file']): Signatures {
  return JSON.parse(readFileSync(signaturesFile(file), 'utf8')) as Signatures;
}

/** Names of the resources of an interface that the types of its own functions mention. */
function resourcesIn(name: string, functions: Readonly<Record<string, string>>): string[] {
  const mentioned = Object.values(functions).flatMap((type) => [...type.matchAll(/(?:own|borrow)<([^>]+)>/g)]);
  const own = mentioned.map(([, full = '']) => full).filter((full) => full.startsWith(`${name}/`));
  return [...new Set(own.map((full) => full.slice(name.length + 1)))].sort();
}

for (const { file, interfaces, make, missing } of versions) {
  test(`${file}: run \`node scripts/wit-signatures.ts\` when these are not the types of the WIT`, {
    skip: missing ?? false,
  }, async () => {
    assert.deepEqual(storedIn(file), await make());
  });

  test(`${file}: every interface and function is there with its type, and none that the WIT does not have`, () => {
    const bound = Object.fromEntries(interfaces.map(({ name, signatures }) => [name, signatures]));
    const stored = storedIn(file);
    for (const name of exportsOfGuests) delete stored[name];
    assert.deepEqual(bound, stored);
    assert.equal(interfaces.length, Object.keys(bound).length);
    for (const { name, functions } of interfaces) {
      assert.deepEqual(Object.keys(functions).sort(), Object.keys(stored[name] ?? {}).sort(), name);
    }
  });

  test(`${file}: every resource is there, in the interface that it belongs to`, () => {
    for (const { name, resources, signatures = {} } of interfaces) {
      const inWit = resourcesIn(name, signatures);
      // A resource without functions is mentioned only by interfaces beside its own.
      if (inWit.length > 0) assert.deepEqual(Object.keys(resources).sort(), inWit, name);
      for (const [key, resource] of Object.entries(resources)) assert.equal(resource.name, key);
    }
  });
}

test('no resource is shared between versions', () => {
  const all = versions.flatMap(({ interfaces }) => interfaces.flatMap(({ resources }) => Object.values(resources)));
  assert.equal(new Set(all).size, all.length);
});

test('what the host calls in guests has the type of the WIT, in every version', () => {
  const second = { 'wasi:http/incoming-handler': { handle: INCOMING_HANDLER_TYPE }, 'wasi:cli/run': { run: RUN_TYPE } };
  const third = { 'wasi:http/handler': { handle: HANDLER_TYPE }, 'wasi:cli/run': { run: RUN_TYPE_03 } };
  for (const { file } of versions) {
    const exported = Object.entries(storedIn(file)).filter(([name]) => exportsOfGuests.includes(name));
    const isThird = file === '0.3' || file === '2026-03-15';
    assert.deepEqual(Object.fromEntries(exported), isThird ? third : second, file);
  }
});

test('functions of asynchronous type may take their time', () => {
  for (const { name, functions, signatures = {} } of [...wasiInterfaces03, ...candidateInterfaces]) {
    for (const [key, func] of Object.entries(functions)) {
      const mustWait = signatures[key]?.startsWith('async ') ?? false;
      assert.ok(func.suspends || !mustWait, `${name} ${key}`);
    }
  }
});

test('0.3: functions of any other type do not', () => {
  for (const { name, functions, signatures = {} } of wasiInterfaces03) {
    for (const [key, func] of Object.entries(functions)) {
      assert.equal(func.suspends, signatures[key]?.startsWith('async '), `${name} ${key}`);
    }
  }
});
