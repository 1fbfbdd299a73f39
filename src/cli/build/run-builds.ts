// Runs the build commands of an app, one after the other.
import { statSync } from 'node:fs';
import type { LockedApp, LockedComponent } from '../../app/locked-app.ts';
import { unknownComponent } from '../../app/retain-components.ts';
import { MayflyError } from '../../errors.ts';
import { say } from '../ui.ts';
import { fingerprint, readRecord, writeRecord } from './build-record.ts';
import { runShell } from './shell.ts';

export interface BuildOptions {
  /** The ids of the components to build; when it is empty, all are built. */
  readonly only: readonly string[];
  /** Whether to leave out components whose inputs and output have not changed since their last build. */
  readonly skipUnchanged: boolean;
  /** The place to which the output of the commands goes. */
  readonly output: 'inherit' | 'stderr';
}

/** Builds, and records what was built. Throws `build-failed`, and `usage` for an id in `only` that does not exist. */
export async function buildApp(app: LockedApp, options: BuildOptions): Promise<void> {
  const components = choose(app, options.only);
  const record = readRecord(app);
  const done = new Set<string>();
  let built = 0;
  for (const component of components) {
    if (options.skipUnchanged && isUnchanged(component, record)) continue;
    delete record[component.id];
    // Components may share a command that builds them all.
    const key = JSON.stringify([component.build?.workdir, component.build?.command]);
    if (!options.skipUnchanged || !done.has(key)) await buildComponent(component, options.output);
    done.add(key);
    built++;
    const now = fingerprint(component);
    if (now !== undefined) record[component.id] = now;
  }
  if (built > 0) {
    writeRecord(app, record);
    say(`Built ${built === 1 ? 'one component' : `${built} components`}`);
  } else if (components.length === 0) say('No component of this app has a build command');
}

function isUnchanged(component: LockedComponent, record: Readonly<Record<string, string>>): boolean {
  const before = record[component.id];
  return before !== undefined && before === fingerprint(component);
}

function choose(app: LockedApp, only: readonly string[]): readonly LockedComponent[] {
  for (const id of only) if (!app.components.some((component) => component.id === id)) throw unknownComponent(app, id);
  return app.components.filter(({ id, build }) => build && (only.length === 0 || only.includes(id)));
}

async function buildComponent(component: LockedComponent, output: BuildOptions['output']): Promise<void> {
  const { command: commands, workdir } = component.build!;
  if (!statSync(workdir, { throwIfNoEntry: false })?.isDirectory()) {
    throw failed(component, `its build folder "${workdir}" does not exist`, undefined, "Correct 'build.workdir'");
  }
  for (const command of commands) {
    say(`Building component ${component.id}: ${command}`);
    const failure = await runShell(command, workdir, output);
    if (failure) throw failed(component, `"${command}" ${failure.message}`, failure);
  }
  if (component.source !== '' && !statSync(component.source, { throwIfNoEntry: false })?.isFile()) {
    throw failed(component, `it left no file "${component.source}"`, undefined, "Make 'source' the file it writes");
  }
}

function failed(component: LockedComponent, reason: string, cause?: unknown, hint?: string): MayflyError {
  const message = `The build of component "${component.id}" failed: ${reason}`;
  return new MayflyError('build-failed', message, { cause, hint, location: component.location });
}
