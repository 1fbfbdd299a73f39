// The list of apps that one process serves: which host leads to which app. A TOML file of our own; its mistakes are told like
// those of a manifest.
import * as z from 'zod/mini';
import { checkFile } from './manifest/check-schema.ts';
import { text, textMap } from './manifest/component-schema.ts';
import { gatherProblems } from './manifest/problems.ts';
import { readManifest } from './manifest/read.ts';
import { table } from './manifest/schema-tools.ts';
import type { FileKind } from './toml/file-kind.ts';

export interface ListedApp {
  /** Lower case, without a port. */
  readonly host: string;
  /** A reference to a registry, or a path, which starts at the folder of the list. */
  readonly from: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly runtimeConfig: string | undefined;
}

const listFile: FileKind = {
  name: 'list of apps',
  secret: true,
  codes: {
    missing: 'apps-missing',
    syntax: 'apps-invalid',
    invalid: 'apps-invalid',
    keyMissing: 'apps-invalid',
    keyUnknown: 'apps-invalid',
    type: 'apps-invalid',
    value: 'apps-invalid',
  },
};

const schema = table({
  app: z.array(
    table({
      host: text,
      from: text,
      variables: z.optional(textMap),
      runtime_config: z.optional(text),
    }),
  ),
});

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** Throws `apps-missing`, or `apps-invalid` with all mistakes. */
export function readAppsFile(file: string): ListedApp[] {
  const source = readManifest(file, listFile);
  const problems = gatherProblems(source, listFile);
  const document = checkFile(schema, source, problems, listFile);
  const hosts = new Set<string>();
  for (const [index, { host }] of (document?.app ?? []).entries()) {
    const name = host.toLowerCase();
    const path = ['app', index, 'host'];
    if (!hostName.test(name)) {
      problems.add(listFile.codes.value, path, `"${host}" is not the name of a host`, {
        hint: 'Write it without a scheme and a port, such as "app.example.com"',
      });
    } else if (hosts.has(name)) {
      problems.add(listFile.codes.value, path, `Two apps have the host "${host}"`, {
        hint: 'Give each a host of its own',
      });
    }
    hosts.add(name);
  }
  problems.throwIfAny();
  return (document?.app ?? []).map(({ host, from, variables = {}, runtime_config: runtimeConfig }) => ({
    host: host.toLowerCase(),
    from,
    variables,
    runtimeConfig,
  }));
}
