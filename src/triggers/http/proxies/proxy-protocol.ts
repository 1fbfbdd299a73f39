// The PROXY protocol, versions 1 and 2: what a proxy of TCP writes before the bytes of its client.
// https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt
import { isIP } from 'node:net';
import { authorityOf } from '../../../authority.ts';
import type { Peer } from '../peer.ts';

export interface ProxyHeader {
  /** The bytes of the header. */
  readonly length: number;
  /** Undefined where the proxy speaks for itself, or says no address. */
  readonly peer: Peer | undefined;
}

/** The longest header of version 1, with its line end (2.1). */
const MOST_OF_LINE = 107;
/** The most bytes behind the fixed part of version 2: addresses and what proxies add to them. */
const MOST_OF_REST = 4096;
const FIXED = 16;

const LINE = Buffer.from('PROXY ');
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const line = /^PROXY (?:(TCP4|TCP6) (\S+) (\S+) (\d{1,5}) (\d{1,5})|UNKNOWN(?: [\x20-\x7e]*)?)\r\n$/;

/** Reads the header at the start of a connection. Undefined while more of it has to come; 'refused' when it is none. */
export function readProxyHeader(bytes: Buffer): ProxyHeader | 'refused' | undefined {
  if (begins(bytes, SIGNATURE)) return bytes.length < FIXED ? undefined : readVersion2(bytes);
  if (!begins(bytes, LINE)) return 'refused';
  const end = bytes.indexOf('\r\n');
  if (end !== -1 && end + 2 <= MOST_OF_LINE) return readVersion1(bytes.toString('latin1', 0, end + 2));
  return bytes.length < MOST_OF_LINE ? undefined : 'refused';
}

function begins(bytes: Buffer, wanted: Buffer): boolean {
  const length = Math.min(bytes.length, wanted.length);
  return bytes.subarray(0, length).equals(wanted.subarray(0, length));
}

function readVersion1(text: string): ProxyHeader | 'refused' {
  const found = line.exec(text);
  if (!found) return 'refused';
  const [, family, source = '', target = '', port, targetPort] = found;
  if (family === undefined) return { length: text.length, peer: undefined };
  const wanted = family === 'TCP4' ? 4 : 6;
  const isSound = isIP(source) === wanted && isIP(target) === wanted;
  if (!isSound || Number(port) > 65_535 || Number(targetPort) > 65_535) return 'refused';
  return { length: text.length, peer: peer(source, Number(port)) };
}

function readVersion2(bytes: Buffer): ProxyHeader | 'refused' | undefined {
  const command = bytes.readUInt8(12);
  const family = bytes.readUInt8(13);
  const rest = bytes.readUInt16BE(14);
  // Version 2, for itself (LOCAL) or for a client (PROXY).
  if ((command !== 0x20 && command !== 0x21) || rest > MOST_OF_REST) return 'refused';
  const length = FIXED + rest;
  if (bytes.length < length) return undefined;
  // No address, or one that is the path of a socket.
  if (command === 0x20 || family === 0x00 || family === 0x31) return { length, peer: undefined };
  if (family === 0x11 && rest >= 12)
    return { length, peer: peer([...bytes.subarray(16, 20)].join('.'), bytes.readUInt16BE(24)) };
  if (family === 0x21 && rest >= 36)
    return { length, peer: peer(address6(bytes.subarray(16, 32)), bytes.readUInt16BE(48)) };
  return 'refused';
}

function address6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function peer(host: string, port: number): Peer {
  return { host, text: authorityOf(host, port) };
}
