// Tables of a manifest turned into parts of the locked app: other spelling, defaults filled in, paths absolute.
import { resolve } from 'node:path';
import type { ComponentSettings, Limits, LockedBuild } from './locked-app.ts';
import { outboundHosts } from './manifest/checks/hosts.ts';
import type { ManifestComponent } from './manifest/component-schema.ts';
import { lockOwnSettings, type ManifestComponentSettings } from './manifest/component-settings.ts';
import type { ManifestLimits } from './manifest/settings-schema.ts';

export function lockLimits(limits: ManifestLimits | undefined): Limits {
  if (!limits) return {};
  const all: Limits = {
    memoryBytes: limits.memory,
    cpuSliceMs: limits.cpu_slice,
    cpuMs: limits.cpu,
    wallMs: limits.wall,
    stackBytes: limits.stack,
    tableElements: limits.table_elements,
    handles: limits.handles,
    bufferedBytes: limits.buffered,
    heldBytes: limits.held,
    logBytes: limits.log,
    concurrency: limits.concurrency,
    queueLength: limits.queue_length,
    queueMs: limits.queue_time,
    headerBytes: limits.header_bytes,
    headerCount: limits.header_count,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

export function lockSettings(settings: ManifestComponentSettings | undefined): ComponentSettings {
  return { ...lockOwnSettings(settings), limits: lockLimits(settings?.limits) };
}

export function lockBuild(build: ManifestComponent['build'], directory: string): LockedBuild | undefined {
  if (!build) return undefined;
  const command = typeof build.command === 'string' ? [build.command] : build.command;
  return { command, workdir: resolve(directory, build.workdir ?? '.'), watch: build.watch ?? [] };
}

/** Entries of both keys; `allowed_http_hosts` is the old one, whose entries are hosts without a scheme. */
export function lockHosts(component: ManifestComponent): string[] {
  const old = (component.allowed_http_hosts ?? []).flatMap(outboundHosts);
  return [...(component.allowed_outbound_hosts ?? []), ...old];
}
