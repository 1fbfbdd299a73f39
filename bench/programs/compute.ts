// Runs one compute kernel in a Mayfly sandbox of this process: its code rewritten as for a request, with the checks that
// let a watchdog stop it or without.
import { readFile } from 'node:fs/promises';
import { HostRegistry } from '../../src/component/link/host-registry.ts';
import { createEngine } from '../../src/runtime/engine.ts';
import { INTERRUPT, prepareArtifact } from '../../src/sandbox/artifact.ts';
import { createFactory } from '../../src/sandbox/factory.ts';
import { defaultLimits, maximumPages } from '../../src/sandbox/limits.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { serveMeasurements } from '../support/measuring.ts';

export interface ComputeConfig {
  readonly file: string;
  readonly size: number;
  readonly interruptible: boolean;
}

/** Runs so often and takes the fastest, since everything that disturbs a run makes it slower. */
export interface ComputeInput {
  readonly times: number;
}

export interface ComputeRound {
  readonly checksum: number;
  readonly nanoseconds: number;
}

await serveMeasurements<ComputeConfig, ComputeInput>(async ({ file, size, interruptible }) => {
  const { sandbox, run } = await prepare(file, interruptible);
  return async ({ times }) => {
    let nanoseconds = Number.POSITIVE_INFINITY;
    let checksum = 0;
    for (let time = 0; time < times; time++) {
      const start = performance.now();
      checksum = (await sandbox.call(run, [size])) as number;
      nanoseconds = Math.min(nanoseconds, (performance.now() - start) * 1_000_000);
    }
    return { checksum, nanoseconds } satisfies ComputeRound;
  };
});

async function prepare(file: string, interruptible: boolean) {
  const { strategy, flag } = createEngine();
  const pages = maximumPages(defaultLimits);
  const artifact = await prepareArtifact(await readFile(file), {
    host: new HostRegistry(),
    maximumPages: pages,
    maximumTableElements: defaultLimits.tableElements,
    interruptible,
  });
  const run = artifact.plan.exports.get('run');
  if (run?.kind !== 'func') throw new Error(`${file} exports no function "run"`);
  const factory = await createFactory(artifact, {
    strategy,
    maximumPages: pages,
    preinitialize: true,
    handleLimit: defaultLimits.handles,
    extraImports: interruptible && flag ? { [INTERRUPT.module]: { [INTERRUPT.name]: flag } } : {},
  });
  const sandbox: Sandbox = factory.make({ state: () => undefined });
  return { sandbox, run: run.func };
}
