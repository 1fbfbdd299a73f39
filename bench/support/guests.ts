// The component files that are measured, built first where that is needed.
import { existsSync } from 'node:fs';
import { guestPath } from '../../test/guests/build.ts';
import { guests } from '../../test/guests/guests.ts';

export interface HandlerGuest {
  /** Name in tables and figures. */
  readonly name: string;
  readonly file: string;
  readonly path: string;
  /** What the answer to `path` begins with. */
  readonly answer: string;
  /** One instance can serve many requests; an answered `fetch` event of StarlingMonkey stays answered. */
  readonly reusable: boolean;
}

const handlers = [
  { name: 'compiled', guest: 'hello-c', path: '/hello', answer: 'Hello', reusable: true },
  { name: 'compiled-100k', guest: 'wide-c', path: '/', answer: 'Value ', reusable: true },
  { name: 'javascript', guest: 'hello-js', path: '/hello', answer: 'Hello', reusable: false },
  { name: 'composed', guest: 'composed-c', path: '/?text=mayfly', answer: 'MAYFLY!', reusable: true },
] as const;

/** Undefined when the checkout has no such guest. */
export async function handlerGuest(name: string): Promise<HandlerGuest | undefined> {
  const found = handlers.find((one) => one.name === name);
  if (!found || !guests.some((guest) => guest.name === found.guest)) return undefined;
  const { path, answer, reusable } = found;
  return { name, path, answer, reusable, file: await componentFile(found.guest) };
}

export async function componentFile(guest: string): Promise<string> {
  const built = guests.find(({ name }) => name === guest)?.output;
  try {
    return await guestPath(guest);
  } catch (error) {
    // A machine without the compilers can measure what was built elsewhere.
    if (built === undefined || !existsSync(built)) throw error;
    return built;
  }
}

export function kernelNames(): string[] {
  return guests.filter(({ name }) => name.startsWith('kernel-')).map(({ name }) => name.slice('kernel-'.length));
}
