// Checks `[[client_tls]]` beyond its types: that the lists name something, that certificate and key come together and
// belong together, and that the files can be read.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { asArray, asTable, type Table } from '../manifest/document.ts';
import type { Problems } from '../manifest/problems.ts';
import type { KeyPath } from '../toml/positions.ts';
import { certificatesIn, PemFault, privateKeyIn } from './pem-files.ts';

export function checkClientTls(document: Table, file: string, problems: Problems): void {
  for (const [index, value] of asArray(document.client_tls).entries()) {
    const entry = asTable(value);
    if (entry) checkEntry(entry, ['client_tls', index], dirname(file), problems);
  }
}

function checkEntry(entry: Table, path: KeyPath, folder: string, problems: Problems): void {
  for (const key of ['component_ids', 'hosts']) {
    if (!Array.isArray(entry[key])) continue;
    if (entry[key].length === 0) problems.add('runtime-config-value', [...path, key], `'${key}' names nothing`);
    for (const [at, host] of key === 'hosts' ? entry[key].entries() : []) checkHost(host, [...path, key, at], problems);
  }

  function checked<T>(key: string, read: (path: string) => T): T | undefined {
    if (typeof entry[key] !== 'string') return undefined;
    try {
      return read(resolve(folder, entry[key]));
    } catch (cause) {
      if (!(cause instanceof PemFault)) throw cause;
      problems.add('runtime-config-value', [...path, key], cause.message, { cause });
      return undefined;
    }
  }

  checked('ca_roots_file', certificatesIn);
  const certificates = checked('client_cert_file', certificatesIn);
  const key = checked('client_private_key_file', privateKeyIn);
  const pair = ['client_cert_file', 'client_private_key_file'] as const;
  for (const [here, missing] of [pair, pair.toReversed() as unknown as typeof pair]) {
    if (entry[here] === undefined || entry[missing] !== undefined) continue;
    problems.add('runtime-config-key-missing', [...path, here], `'${here}' needs '${missing}' beside it`, {
      at: 'key',
    });
  }
  const [own] = certificates ?? [];
  if (own !== undefined && key !== undefined && !new X509Certificate(own).checkPrivateKey(createPrivateKey(key))) {
    const message = "The key does not belong to the first certificate of 'client_cert_file'";
    problems.add('runtime-config-value', [...path, 'client_private_key_file'], message);
  }
}

function checkHost(host: unknown, path: KeyPath, problems: Problems): void {
  if (typeof host !== 'string' || /^(?:\*|(?:\*\.)?[^\s/@?#*:]+|[0-9a-f:.]+|\[[0-9a-f:.]+\])$/i.test(host)) return;
  problems.add('runtime-config-value', path, 'This is no host', {
    hint: 'Write a name or an address without scheme and port, "*.example.com", or "*"',
  });
}
