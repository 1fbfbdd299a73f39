// `[[application.tool.mayfly.websocket]]`: what is checked apart from its keys, and what becomes of it in the locked app. It
// is no `[[trigger.websocket]]`, since Spin starts no app with a type of triggers for which it has no plugin.
import type * as z from 'zod/mini';
import { topicFault } from '../../websocket-topic.ts';
import { asTable, asText, type Table, type TriggerEntry, textsOf } from '../document.ts';
import type { Problems } from '../problems.ts';
import { checkNamedComponent } from './named-component.ts';
import { routeAt } from './route-key.ts';
import type { ManifestTriggerType } from './trigger-type.ts';
import { webSocketTable } from './websocket/schema.ts';

export interface LockedWebSocketTrigger {
  readonly type: 'websocket';
  readonly id: string;
  readonly component: string;
  /** A route as HTTP triggers have them. */
  readonly route: string;
  /** The subprotocols that are agreed to, the preferred first. */
  readonly protocols: readonly string[];
  /** The origins of pages that may connect beside those of the app's own host; `*` stands for all. */
  readonly origins: readonly string[];
  /** The topics to which each connection is subscribed from its beginning. */
  readonly topics: readonly string[];
  /** Whether messages are compressed for clients that want it. */
  readonly compression: boolean;
}

export const webSocketTriggerType: ManifestTriggerType<z.output<typeof webSocketTable>, LockedWebSocketTrigger> = {
  type: 'websocket',
  isSetting: true,
  schema: webSocketTable,
  check: checkWebSockets,
  lock: ({ id, component = '' }, { route, protocols = [], origins = [], topics = [], compression = false }) => ({
    type: 'websocket',
    id,
    component,
    route,
    protocols,
    origins,
    topics,
    compression,
  }),
};

function checkWebSockets(document: Table, triggers: readonly TriggerEntry[], problems: Problems): void {
  const routes = new Map<string, TriggerEntry>();
  for (const trigger of triggers) {
    checkNamedComponent(document, trigger, problems);
    checkRoute(trigger, routes, problems);
    checkTexts(trigger, 'protocols', protocolFault, problems);
    checkTexts(trigger, 'origins', originFault, problems);
    checkTexts(trigger, 'topics', faultOfTopic, problems);
  }
  const [first] = triggers;
  if (!first || asTable(document.trigger)?.http !== undefined) return;
  problems.add(
    'manifest-key-missing',
    first.path,
    'A WebSocket begins as an HTTP request, and the app has no HTTP trigger',
    {
      at: 'key',
      hint: "Add a '[[trigger.http]]' table, such as one with 'route = \"/...\"'",
    },
  );
}

function checkRoute(trigger: TriggerEntry, seen: Map<string, TriggerEntry>, problems: Problems): void {
  const { path, table, id } = trigger;
  const raw = asText(table.route);
  if (raw === undefined) return;
  const place = [...path, 'route'];
  const route = routeAt(raw, place, problems);
  if (!route) return;
  const other = seen.get(route.shape);
  if (other) {
    const message = `Route "${raw}" matches the same paths as that of "${other.id}", and "${id}" would never be called`;
    problems.add('manifest-value', place, message, { hint: 'Change one of the two routes' });
  }
  seen.set(route.shape, other ?? trigger);
}

type Fault = { readonly message: string; readonly hint: string } | undefined;

function checkTexts(
  { path, table }: TriggerEntry,
  key: string,
  fault: (text: string) => Fault,
  problems: Problems,
): void {
  for (const { index, text } of textsOf(table[key])) {
    const found = fault(text);
    if (found) problems.add('manifest-value', [...path, key, index], found.message, { hint: found.hint });
  }
}

/** A token of HTTP: RFC 6455, 4.1. */
function protocolFault(text: string): Fault {
  if (/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(text)) return undefined;
  return { message: `"${text}" is no subprotocol`, hint: 'Write a name such as "chat.v1"' };
}

/** An origin as browsers send it: RFC 6454, 6.2. */
function originFault(text: string): Fault {
  if (text === '*' || (URL.canParse(text) && new URL(text).origin === text)) return undefined;
  return { message: `"${text}" is no origin`, hint: 'Write one such as "https://example.com", or "*" for all' };
}

function faultOfTopic(text: string): Fault {
  const fault = topicFault(text);
  return fault === undefined ? undefined : { message: `A topic ${fault}`, hint: 'Write a name such as "room"' };
}
