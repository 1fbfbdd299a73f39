// Runs the checks of docs/web-apis.md in workerd, the runtime of Cloudflare's Workers, of which the page tells beside ours.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { eventually, within } from '../../../src/triggers/http/wait.test-kit.ts';
import { type Check, checksFile, type Finding } from './run.ts';
import { startServer } from './server.ts';

const PORT = 18_787;

/** `date` is the compatibility date: as new as the binary takes. */
const config = (date: string): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (modules = [(name = "main.js", esModule = embed "main.js")], compatibilityDate = "${date}", globalOutbound = "net")),
    (name = "net", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${PORT}", http = (), service = "main")],
);`;

export async function findingsOfWorkerd(binary: string): Promise<{ version: string; all: readonly Finding[] }> {
  const version = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-workerd-'));
  const build = await rolldown({ input: checksFile, platform: 'neutral' });
  const { output } = await build.generate({ format: 'esm', codeSplitting: false });
  await build.close();
  writeFileSync(join(folder, 'main.js'), output[0].code);
  writeFileSync(join(folder, 'config.capnp'), config(version.split(' ')[1] ?? ''));
  const child = spawn(binary, ['serve', join(folder, 'config.capnp')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const server = await startServer();
  try {
    const checks = await firstAnswer();
    const all: Finding[] = [];
    for (const check of checks) {
      const asked = encodeURIComponent(JSON.stringify({ check, base: server.base }));
      const answer = await within(fetch(`http://127.0.0.1:${PORT}/?check=${asked}`), check.check);
      all.push({ ok: false, ...check, ...((answer.ok ? await answer.json() : {}) as Partial<Finding>) });
    }
    return { version, all };
  } finally {
    server.close();
    child.kill();
    rmSync(folder, { recursive: true });
  }
}

async function firstAnswer(): Promise<readonly Check[]> {
  let checks: readonly Check[] | undefined;
  const ask = setInterval(async () => {
    const answer = await fetch(`http://127.0.0.1:${PORT}/`).catch(() => undefined);
    checks ??= (await answer?.json()) as readonly Check[] | undefined;
  }, 100);
  try {
    await eventually(() => checks !== undefined, 'the first answer of workerd');
  } finally {
    clearInterval(ask);
  }
  return checks ?? [];
}
