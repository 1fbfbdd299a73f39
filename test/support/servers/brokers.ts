// An MQTT broker for a test: on a port of this machine, with its files in a temporary folder. That for Redis is redis.ts.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { accepts, freePort } from './free-port.ts';
import { type ServerProcess, serverEnvironment, serverFolder, startServer } from './server-process.ts';

/** Why there is no broker; false when there is one. For `skip` of a test. */
export function mosquittoMissing(): string | false {
  const { error } = spawnSync('mosquitto', ['-h'], { env: serverEnvironment });
  return error ? 'mosquitto is not installed (apt-get install mosquitto)' : false;
}

export interface MqttBroker extends ServerProcess {
  readonly url: string;
  readonly port: number;
}

/** `password`: that of the user "guest", without whom nobody may connect. */
export async function startMosquitto({ password }: { readonly password?: string } = {}): Promise<MqttBroker> {
  const port = await freePort();
  const folder = serverFolder('mosquitto');
  const file = path.join(folder, 'mosquitto.conf');
  const users = path.join(folder, 'users');
  if (password !== undefined) spawnSync('mosquitto_passwd', ['-c', '-b', users, 'guest', password]);
  const access = password === undefined ? 'allow_anonymous true' : `allow_anonymous false\npassword_file ${users}`;
  const user = process.getuid?.() === 0 ? 'user root\n' : '';
  writeFileSync(file, `${user}listener ${port} 127.0.0.1\n${access}\npersistence false\n`);
  const server = await startServer({ command: ['mosquitto', '-c', file], folder, answers: () => accepts(port) });
  return { ...server, url: `mqtt://127.0.0.1:${port}`, port };
}
