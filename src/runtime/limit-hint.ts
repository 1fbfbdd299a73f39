// What to write where, so that a component may have more of what it had too little of.
import { basename } from 'node:path';
import type { LimitLines, LockedApp, LockedComponent } from '../app/locked-app.ts';
import type { ReachedLimit } from '../errors.ts';
import { allLimits, type LimitKind } from '../limits.ts';

/** The hint for a limit that was reached; undefined for one that cannot be set. */
export function limitHint(
  app: LockedApp,
  component: LockedComponent,
  { name, value }: ReachedLimit,
): string | undefined {
  const [limit, kind] = allLimits.find(([, { key }]) => key === name) ?? [];
  if (!limit || !kind || value === 0) return undefined;
  const more = quantity(kind, value * 2);
  const line = (lines: LimitLines | undefined): string => placed(app, lines?.[name]);
  const own = component.settings;
  if (own.limits[limit] !== undefined && limit === 'memoryBytes' && own.limitLines?.[name] === undefined) {
    return `To allow more: --max-instance-memory ${value * 2}`;
  }
  if (own.limits[limit] !== undefined) {
    return `To allow more: [component.${component.id}.tool.mayfly.limits] ${name} = ${more}${line(own.limitLines)}`;
  }
  if (app.settings.limits[limit] === undefined) {
    const place = placed(app, component.location?.line);
    return `To allow more: [component.${component.id}.tool.mayfly.limits] ${name} = ${more}${place}`;
  }
  if (app.settings.limitLines?.[name] === undefined)
    return `To allow more: --limit ${name}=${more.replaceAll('"', '')}`;
  return `To allow more: [application.tool.mayfly.limits] ${name} = ${more}${line(app.settings.limitLines)}`;
}

/**
 * The hint for a guest that trapped when it had nearly all memory that it may have: what it wanted then was refused, and
 * most languages trap on that.
 */
export function memoryHint(
  app: LockedApp,
  component: LockedComponent,
  usedBytes: number,
  mostBytes: number,
): string | undefined {
  if (usedBytes < mostBytes * NEARLY_ALL) return undefined;
  const [used, most] = [usedBytes, mostBytes].map((bytes) => `${Math.round(bytes / KiB).toLocaleString('en-US')} KiB`);
  const hint = limitHint(app, component, { name: 'memory', value: mostBytes });
  return `It had ${used} of memory, of at most ${most}. ${hint}`;
}

const NEARLY_ALL = 0.9;
const KiB = 1024;

function placed({ origin }: LockedApp, line: number | undefined): string {
  return line === undefined ? '' : ` (${basename(origin)}:${line})`;
}

const units = {
  bytes: { GiB: 2 ** 30, MiB: 2 ** 20, KiB: 2 ** 10 },
  milliseconds: { h: 3_600_000, m: 60_000, s: 1000, ms: 1 },
} as const;

/** The value as TOML. */
function quantity({ unit }: LimitKind, value: number): string {
  if (unit === 'number') return String(value);
  const [name, factor] = Object.entries(units[unit]).find(([, size]) => value % size === 0) ?? ['B', 1];
  return `"${value / factor}${name}"`;
}
