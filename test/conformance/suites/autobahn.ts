// The Autobahn test suite for WebSockets, as it fuzzes a server: the guest in C that sends back what comes. `path` is where pip
// for Python 2.7 put it (`pip install --target <path> autobahntestsuite==0.8.2`), `only` the beginning of the names of
// cases. Without it those of compression (12 and 13), which take hours, are left out. PYTHON2 names the interpreter.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockApp } from '../../../src/app/lock.ts';
import { type RunningApp, startApp } from '../../../src/runtime.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { guestPath } from '../../guests/build.ts';
import type { Case, Suite } from '../suite.ts';

/** What the suite says of a case that is as the protocol has it. */
const well = ['OK', 'NON-STRICT', 'INFORMATIONAL'];

interface Judgement {
  readonly behavior: string;
  readonly behaviorClose: string;
}

export const autobahn: Suite = {
  name: 'autobahn',
  async *run(path, only) {
    const folder = await mkdtemp(join(tmpdir(), 'mayfly-autobahn-'));
    try {
      yield* casesOf(await judge(path, only, folder));
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

function* casesOf(judged: Readonly<Record<string, Judgement>>): Generator<Case> {
  for (const [id, { behavior, behaviorClose }] of Object.entries(judged)) {
    if (well.includes(behavior) && well.includes(behaviorClose)) yield { id, status: 'passed' };
    else yield { id, status: 'failed', reason: `${behavior}, and its close ${behaviorClose}` };
  }
}

async function judge(path: string, only: string, folder: string): Promise<Readonly<Record<string, Judgement>>> {
  const app = await serve(folder);
  try {
    const agent = 'Mayfly';
    const place = /^1[23]\b/.test(only) ? 'compressed' : 'plain';
    const spec = {
      outdir: join(folder, 'report'),
      options: { failByDrop: false },
      servers: [{ agent, url: `${app.url.replace('http', 'ws')}/${place}` }],
      cases: [`${only}*`],
      'exclude-cases': only === '' ? ['12.*', '13.*'] : [],
      'exclude-agent-cases': {},
    };
    await writeFile(join(folder, 'spec.json'), JSON.stringify(spec));
    await fuzz(path, folder);
    const report = JSON.parse(await readFile(join(folder, 'report/index.json'), 'utf8')) as Record<string, never>;
    return report[agent] ?? {};
  } finally {
    await app.stop();
  }
}

/** The limits are what the largest messages of the suite need. */
async function serve(folder: string): Promise<RunningApp> {
  const guest = JSON.stringify(await guestPath('websocket-c'));
  await writeFile(
    join(folder, 'spin.toml'),
    `spin_manifest_version = 2
application.name = "autobahn"
[[trigger.http]]
route = "/"
static_response = {}
[application.tool.mayfly.limits]
websocket_message = "64MiB"
websocket_send = "64MiB"
websocket_frames = 100000
[[application.tool.mayfly.websocket]]
component = "echo"
route = "/plain"
[[application.tool.mayfly.websocket]]
component = "echo"
route = "/compressed"
compression = true
[component.echo]
source = ${guest}
`,
  );
  const listen = { host: '127.0.0.1', port: 0 };
  return startApp(await lockApp(folder), { log: silentLog, variables: {}, environment: {}, listen });
}

async function fuzz(path: string, folder: string): Promise<void> {
  const program = `import site; site.addsitedir(${JSON.stringify(path)})
from autobahntestsuite.wstest import run
run()`;
  const args = ['-c', program, '-m', 'fuzzingclient', '-s', 'spec.json'];
  const env = { ...process.env, PYTHONPATH: path };
  const child = spawn(process.env.PYTHON2 ?? 'python2.7', args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The suite ended with ${code}`);
}
