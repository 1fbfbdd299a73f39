// The programs of an app for an image: bundled, so that a pod needs no bundler, and with the engine that they run in.
import { relative } from 'node:path';
import type { LockedApp } from '../../app/locked-app.ts';
import { retainComponents } from '../../app/retain-components.ts';
import { isPython } from '../../app/script-file.ts';
import { MayflyError } from '../../errors.ts';
import { createEngine } from '../../runtime/engine.ts';
import { loadApp } from '../../runtime.ts';
import type { Logger } from '../../telemetry/log.ts';
import { withoutSurroundings } from './prepare.ts';

export interface PackedPrograms {
  /** The texts by the ids of their components. */
  readonly texts: ReadonlyMap<string, string>;
  /** The absolute paths of the engines. */
  readonly engines: readonly string[];
}

/** Throws `usage` for a program of another language, and what is wrong with a program, which is evaluated. */
export async function packPrograms(app: LockedApp, cacheDirectory: string, log: Logger): Promise<PackedPrograms> {
  const programs = app.components.flatMap(({ id, source, script }) => (script ? [{ id, source, script }] : []));
  const unbuilt = programs.find(({ source, script }) => isPython(script.entry) && source === script.entry);
  if (unbuilt) {
    throw new MayflyError(
      'usage',
      `The component "${unbuilt.id}" is a program in Python, which an image holds built only`,
      {
        hint: "'mayfly new -t http-py' makes an app with the command that builds it",
      },
    );
  }
  const ids = programs.flatMap(({ id, script }) => (isPython(script.entry) ? [] : [id]));
  if (ids.length === 0) return { texts: new Map(), engines: [] };
  const alone = retainComponents(withoutSurroundings(app), ids);
  const loaded = await loadApp(alone, createEngine({ cacheDirectory }), { log, variables: {}, environment: {} });
  try {
    const texts = new Map<string, string>();
    const engines = new Set<string>();
    for (const { component, kept } of loaded.components) {
      // Paths of this machine would say where it was built, and make another image on the next one.
      const text = kept?.format((source) => relative(app.directory, source));
      if (text === undefined || !kept) continue;
      texts.set(component.id, text);
      engines.add(kept.engineFile);
    }
    return { texts, engines: [...engines] };
  } finally {
    await loaded.close();
  }
}
