// The bytes that a file of tests names: a text, JSON, base64, or another file.
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MayflyError, messageOf } from '../../errors.ts';
import type { Content } from './test-file.ts';

export interface TestPlace {
  /** The path of the manifest. */
  readonly manifest: string;
  /** The file of the test, from which paths in it start. */
  readonly file: string;
  readonly cacheDirectory: string | undefined;
  readonly profile: string | undefined;
}

export function bytesOf(content: Content, place: TestPlace): Uint8Array {
  if (typeof content === 'string') return Buffer.from(content);
  if ('base64' in content) return Buffer.from(content.base64, 'base64');
  if ('file' in content) return readBeside(content.file, place);
  return Buffer.from(JSON.stringify(content.json));
}

export function textIn(file: string, place: TestPlace): string {
  return readBeside(file, place).toString('utf8');
}

function readBeside(file: string, place: TestPlace): Buffer {
  try {
    const path = resolve(dirname(place.file), file);
    // A device or a pipe may have no end.
    if (!statSync(path).isFile()) throw new Error('it is no file');
    return readFileSync(path);
  } catch (cause) {
    throw new MayflyError('test-invalid', `"${file}" cannot be read: ${messageOf(cause)}`, {
      cause,
      location: { file: place.file },
    });
  }
}
