// What `mayfly watch` looks at: the sources that builds are made from, and what the served app is made of.
import { dirname } from 'node:path';
import { asArray, asTable, asText, entriesOf, type Table } from '../../app/manifest/document.ts';
import { withProfile } from '../../app/manifest/profile.ts';
import { readManifest } from '../../app/manifest/read.ts';
import { inFormOfVersion2 } from '../../app/manifest/version.ts';
import { say } from '../ui.ts';
import { lockToBuild } from '../up-options.ts';
import { programFiles } from './program-files.ts';
import type { WatchList } from './watched.ts';

/** Reads the list from a manifest. Rejects with its mistakes. */
export async function readWatchList(
  manifest: string,
  { skipBuild, profile }: { readonly skipBuild: boolean; readonly profile?: string | undefined },
): Promise<WatchList> {
  const app = await lockToBuild({ from: manifest, ...(profile !== undefined && { profile }) });
  const folder = dirname(manifest);
  // A program runs as it is: what its build makes is for others.
  const built = skipBuild ? [] : app.components.filter(({ build, script }) => build && !script);
  for (const { id, build } of built) {
    if (build?.watch.length === 0) say(`The manifest does not say what to watch of component ${id}: 'build.watch'`);
  }
  const sources = built.flatMap(({ build }) =>
    (build?.watch ?? []).map((pattern) => ({ folder: build?.workdir ?? folder, pattern })),
  );
  const written = inFormOfVersion2(readManifest(manifest));
  const { document } = (profile === undefined ? undefined : withProfile(written, profile)) ?? written;
  const programs = app.components.flatMap(({ script }) => (script ? [script.entry] : []));
  const artifacts = [
    ...artifactPatterns(document).map((pattern) => ({ folder, pattern })),
    ...(programs.length > 0 ? programFiles(programs, [], true).sources : []),
  ];
  return { sources, artifacts, manifest };
}

/** Components, middleware and dependencies that are files, and entries of `files`. */
function artifactPatterns(document: Table): string[] {
  const { components, triggers } = entriesOf(document);
  const ofComponents = components.flatMap(({ table }) => [
    asText(table.source),
    ...Object.values(asTable(table.dependencies) ?? {}).map(pathIn),
    ...asArray(table.files).map((entry) => asText(entry) ?? asText(asTable(entry)?.source)),
  ]);
  const ofTriggers = triggers.flatMap(({ table }) => asArray(asTable(table.dependencies)?.middleware).map(pathIn));
  return [...ofComponents, ...ofTriggers].filter((pattern) => pattern !== undefined);
}

function pathIn(value: unknown): string | undefined {
  return asText(asTable(value)?.path);
}
