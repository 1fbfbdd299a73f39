// What a client is told when it sent no request: a status for each error of Node's parser, and the answer as text,
// since there is no request to answer.
import { http } from '../../host/node-http.ts';

/** An error of the server's `clientError`. */
export interface ParseError extends Error {
  readonly code?: string;
  /** The bytes that the parser was given last, and how many of them it read. */
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

/**
 * The status for an error. Undefined for an error of the connection itself, on which nobody can be told anything; 0
 * when there is nothing to say.
 */
export function statusOf({ code = '', rawPacket, bytesParsed = 0 }: ParseError): number | undefined {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    case 'HPE_HEADER_OVERFLOW':
      return endsInTarget(rawPacket, bytesParsed) ? 414 : 431;
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 413;
    case 'HPE_INVALID_METHOD':
      return isRequestLine(rawPacket, bytesParsed) ? 501 : 400;
    // Bytes came behind a request that was to be the last.
    case 'HPE_CLOSED_CONNECTION':
      return 0;
    default:
      return code.startsWith('HPE_') ? 400 : undefined;
  }
}

/** Whether a head is too long in its first line. If that line began in an earlier packet, only its characters tell. */
function endsInTarget(packet: Buffer | undefined, end: number): boolean {
  const text = packet?.toString('latin1', 0, end) ?? '';
  return /^(?:[A-Z-]+ )?[\x21-\x7e]+$/.test(text);
}

/** Whether only the method is wrong, which Node does not know, and all else of the line is right. */
function isRequestLine(packet: Buffer | undefined, at: number): boolean {
  const text = packet?.toString('latin1') ?? '';
  const start = text.lastIndexOf('\n', at) + 1;
  return /^[A-Za-z0-9!#$%&'*+.^_`|~-]+ [\x21-\xff]+ HTTP\/1\.[01]\r\n/.test(text.slice(start));
}

export function farewell(status: number): string {
  if (status === 0) return '';
  const date = new Date().toUTCString();
  return `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\ncontent-length: 0\r\ndate: ${date}\r\nconnection: close\r\n\r\n`;
}
