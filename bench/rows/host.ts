// `host`: a thousand apps behind one `mayfly host`: what a first call of an app that is not loaded takes, and what memory.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { guestPath } from '../../test/guests/build.ts';
import { processState } from '../../test/support/process-figures.ts';
import type { Row } from '../row.ts';
import { packInto } from '../support/packed.ts';
import { median, percentile, round, show } from '../support/statistics.ts';

const IDLE_SECONDS = 3;

export const host: Row = {
  name: 'host',
  title: 'A thousand apps in one process',
  async run({ quick, say }) {
    const folder = mkdtempSync(join(tmpdir(), 'mayfly-bench-host-'));
    const apps = quick ? 5 : 1000;
    let child: ChildProcess | undefined;
    try {
      const program = await packInto(folder);
      const list = await writeApps(folder, apps);
      say(`host: ${apps} apps`);
      const options = ['--listen', '127.0.0.1:0', '--idle', `${IDLE_SECONDS}s`, '--max-loaded', String(apps)];
      const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') };
      child = spawn(process.execPath, [program, 'host', list, ...options], {
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const address = await addressOf(child);
      // Prepared once, as the components of an image are.
      await ask(address, 0);
      await delay(1000 * (IDLE_SECONDS + 3));
      const memory = (): number => processState(child?.pid ?? 0).residentBytes / 2 ** 20;
      const started = memory();
      const first: number[] = [];
      for (let app = 0; app < apps; app++) first.push(await ask(address, app));
      const loaded = memory();
      const second: number[] = [];
      for (let app = 0; app < apps; app++) second.push(await ask(address, app));
      await delay(1000 * (IDLE_SECONDS + 3));
      const idle = memory();
      const p99 = percentile(Float64Array.from(first).sort(), 0.99);
      const figures = {
        apps,
        first_ms: round(median(first)),
        first_p99_ms: round(p99),
        second_ms: round(median(second)),
        started_mib: round(started),
        loaded_mib: round(loaded),
        each_mib: round((loaded - started) / apps),
        idle_mib: round(idle),
      };
      const columns = [
        'apps',
        'first call, ms',
        'p99',
        'second call, ms',
        'none loaded, MiB',
        'all loaded',
        'all idle again',
      ];
      const row = [String(apps), ...[median(first), p99, median(second), started, loaded, idle].map(show)];
      const notes = [
        'Each app has a component in C of its own route; a call is a connection of its own. Resident memory',
      ];
      return { tables: [{ title: 'host', columns, rows: [row] }], figures, notes };
    } finally {
      child?.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function writeApps(folder: string, count: number): Promise<string> {
  const source = await guestPath('hello-c');
  const manifest = `spin_manifest_version = 2
application.name = "app"
[[trigger.http]]
route = "/..."
component = { source = "${source}" }
`;
  writeFileSync(join(folder, 'app.toml'), manifest);
  const list = join(folder, 'apps.toml');
  const apps = Array.from({ length: count }, (_, app) => `[[app]]\nhost = "${nameOf(app)}"\nfrom = "app.toml"\n`);
  writeFileSync(list, apps.join(''));
  return list;
}

const nameOf = (app: number): string => `app${app}.example.com`;

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`mayfly host ended with ${code}`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      const [, address] = /http:\/\/(\S+)/.exec(chunk.toString()) ?? [];
      if (address) resolve(address);
    });
  });
}

/** Milliseconds of a request with a connection of its own. Rejects when it is not answered with 200. */
function ask(address: string, app: number): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(`http://${address}/`, { headers: { host: nameOf(app) }, agent: false }, (response) => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - start);
        else reject(new Error(`App ${app} answers with ${response.statusCode}`));
      });
    });
    asked.on('error', reject).end();
  });
}
