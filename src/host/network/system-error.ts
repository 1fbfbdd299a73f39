// Errors of connections in the words of Spin, which has them from Rust's standard library.
import { messageOf } from '../../errors.ts';

/** The text of an error by its code, and its number on Linux. */
const texts: Readonly<Record<string, readonly [text: string, errno: number]>> = {
  EPIPE: ['Broken pipe', 32],
  ENETUNREACH: ['Network is unreachable', 101],
  ECONNABORTED: ['Software caused connection abort', 103],
  ECONNRESET: ['Connection reset by peer', 104],
  ETIMEDOUT: ['Connection timed out', 110],
  ECONNREFUSED: ['Connection refused', 111],
  EHOSTUNREACH: ['No route to host', 113],
};

const lookup = 'failed to lookup address information';

export function systemErrorText(error: unknown): string {
  const one = error instanceof AggregateError ? error.errors[0] : error;
  const code = String((one as { code?: unknown } | null)?.code);
  if (code === 'ENOTFOUND') return `${lookup}: Name or service not known`;
  if (code === 'EAI_AGAIN') return `${lookup}: Temporary failure in name resolution`;
  if (!Object.hasOwn(texts, code)) return messageOf(one);
  const [text, errno] = texts[code] as readonly [string, number];
  return `${text} (os error ${errno})`;
}
