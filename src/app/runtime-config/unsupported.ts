// Reports what a runtime configuration may say in Spin and cannot have here: each entry says what is missing. Ignoring it
// would give an app other data than its operator believes.
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
