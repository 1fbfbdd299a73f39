// A `mayfly up` of its own that a suite attacks: it must be the same process at the end, and answer as before.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProcessState, processState } from '../support/process-figures.ts';
import { up } from '../support/up.ts';

export interface AttackedComponent {
  /** Path of a .wasm file. */
  readonly source: string;
  /** Lines of `[component.<id>.tool.mayfly.limits]`. */
  readonly limits?: readonly string[];
  readonly allowedHosts?: readonly string[];
}

export interface AttackedServer {
  readonly url: string;
  state(): ProcessState;
  log(): string;
  /** Throws when the process has ended before, or when a reset left something behind. */
  stop(): Promise<void>;
}

/** Serves each component at `/<id>/...`. */
export async function attackedServer(
  components: Readonly<Record<string, AttackedComponent>>,
  args: readonly string[] = [],
): Promise<AttackedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-hostile-'));
  const manifest = join(folder, 'spin.toml');
  await writeFile(manifest, manifestOf(components));
  const served = await up(['-f', manifest, '-q', ...args]);
  let ended: string | undefined;
  served.process.once('exit', (code, signal) => {
    ended = `the server ended with ${signal ?? code}: ${served.output().slice(-500)}`;
  });
  return {
    url: served.url,
    state: () => processState(served.process.pid as number),
    log: served.output,
    async stop() {
      const before = ended;
      if (before === undefined) await served.stop();
      await rm(folder, { recursive: true });
      if (before !== undefined) throw new Error(before);
    },
  };
}

function manifestOf(components: Readonly<Record<string, AttackedComponent>>): string {
  const lines = ['spin_manifest_version = 2', '[application]', 'name = "attacked"'];
  for (const [id, { source, limits = [], allowedHosts = [] }] of Object.entries(components)) {
    lines.push('[[trigger.http]]', `route = "/${id}/..."`, `component = "${id}"`);
    lines.push(`[component.${id}]`, `source = ${JSON.stringify(source)}`);
    lines.push(`allowed_outbound_hosts = ${JSON.stringify(allowedHosts)}`);
    lines.push(`[component.${id}.tool.mayfly.limits]`, ...limits);
  }
  return lines.join('\n');
}

/** Status of the answer. Rejects when there is none. */
export async function statusOf(url: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(url, { signal: AbortSignal.timeout(120_000), ...init });
  await response.arrayBuffer();
  return response.status;
}
