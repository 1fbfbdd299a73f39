// args_* and environ_*: the command line and the environment as lists of strings that end in NUL.
import type { GuestMemory, HostCoreFunction } from '../../../component/types/core-host.ts';
import { define } from './define.ts';
import type { FdTable } from './fd-table.ts';
import { bytesAt, writeU32 } from './guest-values.ts';

type Strings = (fds: FdTable) => readonly string[];

const args: Strings = ({ state }) => state.arguments;
const environ: Strings = ({ state }) => state.environment.map(([name, value]) => `${name}=${value}`);

export const argsFunctions: Readonly<Record<string, HostCoreFunction>> = {
  args_get: define('u32 u32', (fds, memory, list: number, buffer: number) => get(args(fds), memory, list, buffer)),
  args_sizes_get: define('u32 u32', (fds, memory, count: number, size: number) =>
    sizes(args(fds), memory, count, size),
  ),
  environ_get: define('u32 u32', (fds, memory, list: number, buffer: number) =>
    get(environ(fds), memory, list, buffer),
  ),
  environ_sizes_get: define('u32 u32', (fds, memory, count: number, size: number) =>
    sizes(environ(fds), memory, count, size),
  ),
};

/** Encodes a string. A NUL inside would make two strings of one, so the string ends there. */
function encode(text: string): Uint8Array {
  const end = text.indexOf('\0');
  return Buffer.from(end < 0 ? text : text.slice(0, end));
}

function sizes(strings: readonly string[], memory: GuestMemory, count: number, size: number): void {
  writeU32(memory, count, strings.length);
  writeU32(
    memory,
    size,
    strings.reduce((sum, text) => sum + encode(text).length + 1, 0),
  );
}

function get(strings: readonly string[], memory: GuestMemory, list: number, buffer: number): void {
  let at = buffer;
  for (const [index, text] of strings.entries()) {
    const bytes = encode(text);
    writeU32(memory, list + index * 4, at);
    const place = bytesAt(memory, at, bytes.length + 1);
    place.set(bytes);
    place[bytes.length] = 0;
    at += bytes.length + 1;
  }
}
