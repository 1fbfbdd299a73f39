// The types of triggers that a manifest may have. Only this file knows all of them: a new one is added here.
import type { FileContext } from '../../lock-files.ts';
import type { Table, TriggerEntry, TriggerPlace } from '../document.ts';
import { commandTriggerType } from './command.ts';
import { cronTriggerType } from './cron.ts';
import { httpTriggerType } from './http.ts';
import { mqttTriggerType } from './mqtt.ts';
import { redisTriggerType } from './redis.ts';
import { sqsTriggerType } from './sqs.ts';
import type { ManifestTriggerType, ParsedTrigger } from './trigger-type.ts';
import { webSocketTriggerType } from './websocket.ts';

const types = [
  commandTriggerType,
  cronTriggerType,
  httpTriggerType,
  mqttTriggerType,
  redisTriggerType,
  sqsTriggerType,
  webSocketTriggerType,
] as const;

/** A trigger of a locked app. */
export type LockedTrigger = ReturnType<(typeof types)[number]['lock']>;

export const manifestTriggers: readonly ManifestTriggerType<ParsedTrigger, LockedTrigger>[] = types;

/** The type of an entry; undefined for one that is unsupported, or that has no table where this one stands. */
export function typeOf(entry: TriggerPlace): ManifestTriggerType<ParsedTrigger, LockedTrigger> | undefined {
  return manifestTriggers.find(({ type, isSetting }) => type === entry.type && isSetting === entry.isSetting);
}

/** Locks a trigger; undefined for one of an unsupported type. */
export function lockTrigger(
  entry: TriggerEntry,
  parsed: ParsedTrigger,
  context: FileContext,
  application: Table,
): LockedTrigger | undefined {
  return typeOf(entry)?.lock(entry, parsed, context, application);
}

/** Settles what the triggers of each type mean for one another. */
export function settleTriggers(triggers: readonly LockedTrigger[], document: Table): LockedTrigger[] {
  return manifestTriggers.reduce<LockedTrigger[]>(
    (all, { type, settle }) => {
      const settled = settle?.(
        all.filter((one) => one.type === type),
        document,
      ).values();
      return settled ? all.map((one) => (one.type === type ? (settled.next().value ?? one) : one)) : all;
    },
    [...triggers],
  );
}
