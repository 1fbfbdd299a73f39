// Turns tables of a manifest into parts of the locked app: keys have other names, defaults are filled in, and paths are
// absolute.
import { resolve } from 'node:path';
import { allLimits, type Limits } from '../limits.ts';
import type { ComponentSettings, LockedBuild } from './locked-app.ts';
import { outboundHosts } from './manifest/checks/hosts.ts';
import type { ManifestComponent } from './manifest/component-schema.ts';
import { lockOwnSettings, type ManifestComponentSettings } from './manifest/component-settings.ts';
import type { ManifestLimits } from './manifest/settings-schema.ts';

export function lockLimits(limits: ManifestLimits | undefined): Limits {
  const set = allLimits.map(([name, { key }]) => [name, limits?.[key]] as const);
  return Object.fromEntries(set.filter(([, value]) => value !== undefined));
}

export function lockSettings(settings: ManifestComponentSettings | undefined): ComponentSettings {
  return { ...lockOwnSettings(settings), limits: lockLimits(settings?.limits) };
}

export function lockBuild(build: ManifestComponent['build'], directory: string): LockedBuild | undefined {
  if (!build) return undefined;
  const command = typeof build.command === 'string' ? [build.command] : build.command;
  return { command, workdir: resolve(directory, build.workdir ?? '.'), watch: build.watch ?? [] };
}

/** The entries of both keys; `allowed_http_hosts` is the old one, whose entries are hosts without a scheme. */
export function lockHosts(component: ManifestComponent): string[] {
  const old = (component.allowed_http_hosts ?? []).flatMap(outboundHosts);
  return [...(component.allowed_outbound_hosts ?? []), ...old];
}
