// Where `mayfly up` listens: an address of TCP, the path of a socket, or a socket that systemd has opened.
import { MayflyError } from '../errors.ts';
import type { GivenSocket } from '../workers/given-socket.ts';
import { type ListenAddress, parseListen } from './options.ts';

/** The first descriptor that is passed, `SD_LISTEN_FDS_START`. https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html */
const FIRST_DESCRIPTOR = 3;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads `unix:<path>`, `systemd` or `systemd:<name>`, or an address of TCP. Throws `usage`. */
export function parseListenAt(
  text: string,
  mode?: number,
  env: Environment = process.env,
  pid = process.pid,
): ListenAddress | GivenSocket {
  const [, kind, rest = ''] = /^(unix|systemd)(?::(.*))?$/.exec(text) ?? [];
  if (mode !== undefined && kind !== 'unix') {
    throw new MayflyError('usage', "'--socket-mode' is for a socket with a path", {
      hint: "Write '--listen unix:<path>'",
    });
  }
  if (kind === undefined) return parseListen(text);
  if (kind === 'systemd') return { fd: descriptorOf(rest, env, pid) };
  if (rest === '')
    throw new MayflyError('usage', `"${text}" has no path`, { hint: "Write '--listen unix:/run/app.sock'" });
  return { path: rest, mode };
}

/** The address of TCP; undefined for a socket of another kind. */
export function tcpAddressOf(at: ListenAddress | GivenSocket): ListenAddress | undefined {
  return 'host' in at ? at : undefined;
}

/** What a process that serves alone is told of it, once nothing is in its way. Rejects with 'listen-failed'. */
export async function readyToListen(at: ListenAddress | GivenSocket): Promise<GivenSocket | undefined> {
  if ('host' in at) return undefined;
  if ('path' in at) {
    const { makeWay } = await import('../workers/given-socket.ts');
    await makeWay(at.path);
  }
  return at;
}

/** Finds the socket of that name among those that were passed to this process; without a name the only one. */
function descriptorOf(name: string, { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES }: Environment, pid: number): number {
  const count = Number(LISTEN_PID) === pid ? Number(LISTEN_FDS) : 0;
  if (!(count > 0)) {
    throw new MayflyError('usage', 'No socket was passed to this process', {
      hint: "'--listen systemd' is for a service with a .socket unit, whose ExecStart is Node 26 itself (LISTEN_PID)",
    });
  }
  const names = LISTEN_FDNAMES?.split(':') ?? [];
  const found = Array.from({ length: count }, (_, at) => names[at] ?? '').flatMap((one, at) =>
    name === '' || one === name ? [FIRST_DESCRIPTOR + at] : [],
  );
  if (found.length === 1) return found[0]!;
  const what = found.length === 0 ? `No socket "${name}" was passed` : `${found.length} sockets were passed`;
  throw new MayflyError('usage', `${what} to this process`, {
    hint: `Their names are: ${names.join(', ') || 'none'}. Write one of them: '--listen systemd:<name>'`,
  });
}

/** Reads permissions as chmod writes them: `660`. Throws `usage`. */
export function parseMode(text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  throw new MayflyError('usage', `"${text}" is no mode`, { hint: "Write three octal digits, such as '660'" });
}
