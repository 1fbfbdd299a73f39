// What is a reference to a registry, and what is not: a reference begins with a host.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatReference, isLocalRegistry, looksLikeReference, parseReference, parseRegistry } from './reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

test('host, repository, tag and digest', () => {
  const read = (text: string): unknown[] => {
    const { registry, repository, tag, digest } = parseReference(text);
    return [registry, repository, tag, digest];
  };
  assert.deepEqual(read('registry.example.com/app'), ['registry.example.com', 'app', 'latest', undefined]);
  assert.deepEqual(read('localhost:5000/a/b_c/d-e:1.0'), ['localhost:5000', 'a/b_c/d-e', '1.0', undefined]);
  assert.deepEqual(read(`[::1]:5000/a@${digest}`), ['[::1]:5000', 'a', undefined, digest]);
  assert.deepEqual(read(`localhost/a:x@${digest}`), ['localhost', 'a', 'x', digest]);
  for (const text of ['localhost:5000/a/b:1.0', `localhost/a:x@${digest}`]) {
    assert.equal(formatReference(parseReference(text)), text);
  }
});

test('what is none says why', () => {
  const refuses = (text: string, message: RegExp): void =>
    assert.throws(() => parseReference(text), { code: 'usage', message }, text);
  for (const text of ['', 'app', 'acme/app:1.0', './x/y', '/x', '-a.b/c', 'a..b/c'])
    refuses(text, /host of a registry/);
  for (const text of ['localhost/', 'localhost/App', 'localhost/a//b', 'localhost/../a', 'localhost/a/:1']) {
    refuses(text, /is not the name of a repository/);
  }
  for (const text of ['localhost/a:', 'localhost/a:-x', `localhost/a:${'x'.repeat(129)}`])
    refuses(text, /is not a tag/);
  for (const text of ['localhost/a@sha256:1', `localhost/a@sha512:${'a'.repeat(128)}`])
    refuses(text, /is not a digest/);
});

test('a path is no reference, and a host may be given in several ways', () => {
  assert.ok(looksLikeReference('registry.example.com/acme/app:1.0'));
  for (const text of ['spin.toml', 'apps/hello', 'example.com/app.ts', 'localhost/x.wasm', '../a.b/c']) {
    assert.equal(looksLikeReference(text), false, text);
  }
  assert.equal(parseRegistry('https://registry.example.com/v2/'), 'registry.example.com');
  assert.throws(() => parseRegistry('user@host'), { code: 'usage' });
  assert.deepEqual(['localhost:5000', '[::1]', '127.0.0.1.example.com', 'localhost.example.com'].map(isLocalRegistry), [
    true,
    true,
    false,
    false,
  ]);
});
