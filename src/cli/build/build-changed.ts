// Builds what has changed since it was last built, before something else is done with the app.
import { lockToBuild } from '../up-options.ts';
import { buildApp } from './run-builds.ts';

/** What the commands print goes to stderr. Throws as `buildApp` does. */
export async function buildChanged(from: string, profile: string | undefined): Promise<void> {
  const app = await lockToBuild({ from, ...(profile !== undefined && { profile }) });
  await buildApp(app, { only: [], skipUnchanged: true, output: 'stderr' });
}
