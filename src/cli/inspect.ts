// `--inspect`: opens Node's inspector in the process that runs guests, for Chrome DevTools and VS Code.
import { MayflyError } from '../errors.ts';
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';

const HOST = '127.0.0.1';
const PORT = 9229;

/** Reads `host:port`, a port, or nothing. Throws `usage`. */
export function parseInspect(text: string | true): { readonly host: string; readonly port: number } {
  if (text === true) return { host: HOST, port: PORT };
  const [, host, digits] = /^(?:(\[[0-9a-f:.]+\]|[^:\s]+):)?(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new MayflyError('usage', `"${text}" is no address for '--inspect'`, {
      hint: "Write a port, or host and port, such as '--inspect=127.0.0.1:9229'",
    });
  }
  return { host: host?.replace(/^\[(.*)\]$/, '$1') ?? HOST, port };
}

/** Opens the inspector, and says where it is. Throws `listen-failed`. */
export async function openInspector(given: string | true, log: Logger): Promise<void> {
  const { host, port } = parseInspect(given);
  const inspector = await import('node:inspector');
  try {
    inspector.open(port, host);
  } catch (cause) {
    throw new MayflyError('listen-failed', `Cannot open the inspector at ${host}:${port}`, { cause });
  }
  const origin = inspector.url() ?? '';
  if (origin === '') throw new MayflyError('listen-failed', `Cannot open the inspector at ${host}:${port}`);
  const text = `Debuggers connect to ${origin}. Guests are not stopped at limits of time. Whoever reaches this address has this process in hand`;
  logEvent(log, 'inspector-open', { origin }, text);
}
