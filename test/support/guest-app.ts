// A guest as an app, without a socket: environment, a mount and outbound HTTP as the manifest would grant them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, load } from '../../src/index.ts';
import { guestPath } from '../guests/build.ts';

export interface GuestApp {
  readonly app: App;
  /** Status and body of the answer to `path`. */
  ask(path: string, init?: RequestInit): Promise<string>;
  close(): Promise<void>;
}

/** `files` go into a folder that the guest sees as /data: relative path → content. */
export async function guestApp(name: string, files: Readonly<Record<string, string>> = {}): Promise<GuestApp> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-guest-'));
  await mkdir(join(folder, 'data'));
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder, 'data', path), content);
  await writeFile(join(folder, 'spin.toml'), manifest(await guestPath(name)));
  const app = await load(join(folder, 'spin.toml'));
  return {
    app,
    ask: async (path, init) => {
      const response = await app.fetch(new Request(`http://localhost${path}`, init));
      return `${response.status} ${await response.text()}`;
    },
    close: async () => {
      await app.close();
      await rm(folder, { recursive: true });
    },
  };
}

function manifest(source: string): string {
  return `spin_manifest_version = 2
[application]
name = "guest"
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = ${JSON.stringify(source)}
environment = { COLOR = "blue" }
files = [{ source = "data", destination = "/data" }]
allowed_outbound_hosts = ["http://127.0.0.1:*"]
`;
}
