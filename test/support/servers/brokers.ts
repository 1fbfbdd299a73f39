// An MQTT broker for a test: on a port of this machine, with its files in a temporary folder. That for Redis is redis.ts.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Debian puts it where only root looks. */
const places = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/sbin/mosquitto'];
const program = places.find((place) => existsSync(place)) ?? 'mosquitto';

/** Why there is no broker; false when there is one. For `skip` of a test. */
export function mosquittoMissing(): string | false {
  const { error } = spawnSync(program, ['-h']);
  return error ? 'mosquitto is not installed (apt-get install mosquitto)' : false;
}

export interface MqttBroker {
  readonly url: string;
  readonly port: number;
  /** Takes the broker away; `start` brings it back on the same port, without what it had. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Freezes it, as a machine that hangs, and lets it go on. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

/** `password`: that of the user "guest", without whom nobody may connect. */
export async function startMosquitto({ password }: { readonly password?: string } = {}): Promise<MqttBroker> {
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-mosquitto-'));
  const file = path.join(folder, 'mosquitto.conf');
  const users = path.join(folder, 'users');
  if (password !== undefined) spawnSync('mosquitto_passwd', ['-c', '-b', users, 'guest', password]);
  const access = password === undefined ? 'allow_anonymous true' : `allow_anonymous false\npassword_file ${users}`;
  const user = process.getuid?.() === 0 ? 'user root\n' : '';
  writeFileSync(file, `${user}listener ${port} 127.0.0.1\n${access}\npersistence false\n`);
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = spawn(program, ['-c', file], { stdio: 'ignore' });
    await accepting(port);
  }
  async function stop(): Promise<void> {
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = undefined;
  }
  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    start,
    stop,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async close() {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function accepting(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const socket = connect(port, '127.0.0.1');
    const outcome = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (outcome) return;
    await delay(50);
  }
  throw new Error(`mosquitto did not listen at port ${port} within 10 s`);
}
