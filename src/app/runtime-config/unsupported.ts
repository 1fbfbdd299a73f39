// Reports what a runtime configuration may say in Spin and cannot have here: each entry says what is missing. Ignoring it
// would give an app other data, or a network that is more open, than its operator believes.
import { asArray, asTable, type Table } from '../manifest/document.ts';
import type { Problems } from '../manifest/problems.ts';
import type { KeyPath } from '../toml/positions.ts';

/** By the table and the `type` in it. */
const types: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  variables_provider: { azure_key_vault: 'a client of Azure Key Vault: use "env", "static" or "vault"' },
  config_provider: { azure_key_vault: 'a client of Azure Key Vault: use "env", "static" or "vault"' },
  key_value_store: {
    azure_cosmos: 'a client of Azure Cosmos DB: use "spin" or "redis"',
    aws_dynamo: 'a client of Amazon DynamoDB: use "spin" or "redis"',
  },
  llm_compute: { spin: 'inference on this machine: use "remote_http"' },
};

export function checkUnsupported(document: Table, problems: Problems): void {
  for (const { path, table } of typedTables(document)) {
    const { type } = table;
    const ofTable = types[path[0] as string];
    if (typeof type !== 'string' || !ofTable || !Object.hasOwn(ofTable, type)) continue;
    problems.add('unsupported', [...path, 'type'], `"${type}" needs ${ofTable[type]}`);
  }
  const networking = asTable(document.outbound_networking) ?? {};
  for (const key of Object.keys(networking)) {
    if (asArray(networking[key]).length === 0 && key === 'block_networks') continue;
    add(problems, ['outbound_networking', key]);
  }
  const http = asTable(document.outbound_http) ?? {};
  if (http.connection_pooling === false) add(problems, ['outbound_http', 'connection_pooling']);
  for (const key of ['max_connections', 'max_concurrent_requests']) {
    if (Object.hasOwn(http, key)) add(problems, ['outbound_http', key]);
  }
  for (const index of asArray(document.client_tls).keys()) add(problems, ['client_tls', index]);
}

function add(problems: Problems, path: KeyPath): void {
  const name = path.filter((key) => typeof key === 'string').join('.');
  problems.add('unsupported', path, `Mayfly cannot hold to "${name}" yet`, { at: 'key', hint: 'Remove it' });
}

/** All tables that may have a `type`. */
function typedTables(document: Table): { path: KeyPath; table: Table }[] {
  const all: { path: KeyPath; value: unknown }[] = [{ path: ['llm_compute'], value: document.llm_compute }];
  for (const key of ['variables_provider', 'config_provider']) {
    for (const [index, value] of asArray(document[key]).entries()) all.push({ path: [key, index], value });
  }
  for (const [label, value] of Object.entries(asTable(document.key_value_store) ?? {})) {
    all.push({ path: ['key_value_store', label], value });
  }
  return all.flatMap(({ path, value }) => {
    const table = asTable(value);
    return table ? [{ path, table }] : [];
  });
}
