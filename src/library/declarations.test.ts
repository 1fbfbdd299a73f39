// The declarations that compilers see say what the library is: this file would not compile if they did not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as declared from '../../types/index.d.ts';
import { MayflyError } from '../errors.ts';
import * as library from '../index.ts';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

const hasSame = {
  app: true satisfies Same<declared.App, library.App>,
  failedRequest: true satisfies Same<declared.FailedRequest, library.FailedRequest>,
  source: true satisfies Same<declared.ScriptSource, library.ScriptSource>,
  optionNames: true satisfies Same<keyof declared.LibraryOptions, keyof library.LibraryOptions>,
};

/** The log and the error are told with fewer of their properties; all else that may be given may be given here. */
type Rest<Options> = Omit<Options, 'log' | 'onError' | 'permissions'>;
const options: Same<Rest<declared.LibraryOptions>, Rest<library.LibraryOptions>> = true;

test('what is declared is there, and nothing else', () => {
  const names: (keyof typeof declared)[] = ['MayflyError', 'load'];
  assert.deepEqual(Object.keys(library).sort(), names);
  assert.ok(Object.values(hasSame).every((one) => one) && options);
});

test('an error has what is declared of it', () => {
  const error: Omit<declared.MayflyError, 'name' | 'message' | 'stack' | 'cause'> = new MayflyError('usage', 'x');
  for (const name of ['code', 'blame', 'location', 'hint', 'problems', 'limit']) assert.ok(name in error, name);
});
