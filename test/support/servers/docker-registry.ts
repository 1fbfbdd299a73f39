// A registry for a test: Debian's docker-registry (distribution 2.8) on a port of this machine.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { accepts, freePort } from './free-port.ts';
import { type ServerProcess, serverEnvironment, serverFolder, startServer } from './server-process.ts';

/** Another registry with the same configuration: that of distribution 3, for the suite that has it. */
const program = process.env.TEST_REGISTRY_PROGRAM ? path.resolve(process.env.TEST_REGISTRY_PROGRAM) : 'docker-registry';

/** Why there is no registry; false when there is one. For `skip` of a test. */
export function registryMissing(): string | false {
  const { error } = spawnSync(program, ['--version'], { env: serverEnvironment });
  return error ? 'docker-registry is not installed (apt-get install docker-registry)' : false;
}

export interface RegistryServer extends ServerProcess {
  /** Host and port. */
  readonly host: string;
}

/** The one user of a registry that wants a login. */
export const registryUser = { user: 'guest', password: 'sesame' } as const;
const bcryptLine = 'guest:$2b$05$lm/FiPUpXD3kMX2zd64cbuZrurgyZ7mHGpaUynoJLORNy3PLShJ1.';

/** `login`: whether it wants one. */
export async function startRegistry({ login = false }: { readonly login?: boolean } = {}): Promise<RegistryServer> {
  const port = await freePort();
  const folder = serverFolder('registry');
  const users = path.join(folder, 'users');
  writeFileSync(users, `${bcryptLine}\n`);
  const auth = login ? `auth: { htpasswd: { realm: test, path: ${users} } }\n` : '';
  const file = path.join(folder, 'config.yml');
  writeFileSync(
    file,
    `version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: ${path.join(folder, 'data')} } }
http: { addr: 127.0.0.1:${port} }
${auth}`,
  );
  const server = await startServer({
    command: [program, 'serve', file],
    folder,
    answers: () => accepts(port),
  });
  return { ...server, host: `127.0.0.1:${port}` };
}
