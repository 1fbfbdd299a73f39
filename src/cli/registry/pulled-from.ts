// An app that came out of a registry, as the rest of the command line knows it.
import { existsSync } from 'node:fs';
import type { LockedApp } from '../../app/locked-app.ts';
import { looksLikeReference } from '../../registry/reference.ts';

/** Where an app came from. */
export interface PulledFrom {
  readonly reference: string;
  readonly digest: string;
}

/** Whether what stands for an app is the reference of one: what is a file or a folder here is that. */
export function namesPulledApp(from: string): boolean {
  return !existsSync(from) && looksLikeReference(from);
}

/** The app as it is said of it: where it came from, and not where it was put. */
export function asPulled(app: LockedApp, { digest }: PulledFrom): LockedApp {
  return { ...app, imageDigest: digest };
}
