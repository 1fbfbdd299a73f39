// `[application.tool.mayfly.routes.<trigger>]`: the methods and hosts for which the route of a trigger is. Spin ignores
// the table, and its routes are for all of them.
import * as z from 'zod/mini';
import type { KeyPath } from '../../../toml/positions.ts';
import { asArray, asTable, type Table, type TriggerEntry, textsOf } from '../../document.ts';
import type { Problems } from '../../problems.ts';
import { dictionary, table } from '../../schema-tools.ts';

export const routeConditions = dictionary(
  table({ methods: z.optional(z.array(z.string())), hosts: z.optional(z.array(z.string())) }),
);

/** The requests that a route is for; a list that is absent stands for all. */
export interface RouteCondition {
  /** `GET` stands for `HEAD`, too. */
  readonly methods?: readonly string[];
  /** Names or addresses in lower case, without a port; `*.example.com` stands for all names below one. */
  readonly hosts?: readonly string[];
}

const place: KeyPath = ['application', 'tool', 'mayfly', 'routes'];

function tablesOf(document: Table): [id: string, table: Table][] {
  let routes: Table | undefined = document;
  for (const key of place) routes = asTable(routes?.[key]);
  return Object.entries(routes ?? {}).flatMap(([id, value]) => {
    const found = asTable(value);
    return found ? [[id, found]] : [];
  });
}

/** The conditions by the id of their trigger, sorted, so that two which mean the same are equal. */
export function conditionsOf(document: Table): ReadonlyMap<string, RouteCondition> {
  return new Map(
    tablesOf(document).map(([id, { methods, hosts }]) => [
      id,
      {
        ...(methods === undefined ? {} : { methods: sorted(methods, (text) => text) }),
        ...(hosts === undefined ? {} : { hosts: sorted(hosts, (text) => text.toLowerCase()) }),
      },
    ]),
  );
}

function sorted(list: unknown, change: (text: string) => string): string[] {
  return [...new Set(textsOf(list).map(({ text }) => change(text)))].sort();
}

export function checkConditions(document: Table, triggers: readonly TriggerEntry[], problems: Problems): void {
  for (const [id, condition] of tablesOf(document)) {
    const trigger = triggers.find((one) => one.id === id);
    if (!trigger || typeof trigger.table.route !== 'string') {
      const message = trigger ? `Trigger "${id}" has no route` : `There is no HTTP trigger "${id}"`;
      const hint = `Write 'id = "${id}"' in the [[trigger.http]] that is meant`;
      problems.add('manifest-value', [...place, id], message, { at: 'key', ...(trigger ? {} : { hint }) });
    }
    for (const key of ['methods', 'hosts'] as const) {
      const path = [...place, id, key];
      if (Array.isArray(condition[key]) && asArray(condition[key]).length === 0) {
        problems.add('manifest-value', path, `'${key}' names nothing, so that the route would never be taken`, {
          hint: `Remove '${key}' to mean all`,
        });
      }
      for (const { index, text } of textsOf(condition[key])) {
        const fault = key === 'methods' ? methodFault(text) : hostFault(text);
        if (fault) problems.add('manifest-value', [...path, index], fault.message, { hint: fault.hint });
      }
    }
  }
}

interface Fault {
  readonly message: string;
  readonly hint: string;
}

function methodFault(text: string): Fault | undefined {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(text)) {
    return { message: `"${text}" is no method`, hint: 'Write one such as "GET" or "POST"' };
  }
  const upper = text.toUpperCase();
  const isKnown = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'].includes(upper);
  if (!isKnown || text === upper) return undefined;
  return { message: `"${text}" is another method than "${upper}": case counts`, hint: `Write "${upper}"` };
}

function hostFault(text: string): Fault | undefined {
  const name = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/i;
  if (name.test(text) || /^\[[0-9a-f:.]+\]$/i.test(text)) {
    // Requests are compared with the one spelling that URLs have for a host.
    const spelling = URL.parse(`http://${text.replace('*.', '')}`)?.hostname;
    if (spelling === text.replace('*.', '').toLowerCase()) return undefined;
    if (spelling) return { message: `"${text}" is spelled in another way`, hint: `Write "${spelling}"` };
  }
  return {
    message: `"${text}" is no host`,
    hint: 'Write a name or an address without scheme and port, such as "example.com", "*.example.com" or "[::1]"',
  };
}
