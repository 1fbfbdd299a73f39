// Checks the middleware of HTTP triggers: where each comes from, what it inherits, and that there is something behind it
// that can be called as middleware calls.

import { checkComponentName, checkInherits } from '../../checks/dependencies.ts';
import { checkRemote } from '../../checks/remote-sources.ts';
import { asArray, asTable, asText, type Entries, type Table, type TriggerEntry } from '../../document.ts';
import type { Problems } from '../../problems.ts';

export function checkMiddleware(triggers: readonly TriggerEntry[], entries: Entries, problems: Problems): void {
  for (const trigger of triggers) {
    const list = middlewareOf(trigger);
    if (list.length > 0) checkTrigger(trigger, problems);
    for (const [index, table] of list.entries()) {
      const path = [...trigger.path, 'dependencies', 'middleware', index];
      checkRemote(table, path, 'requirement', problems);
      checkInherits(table, path, problems);
      const component = asText(table.component);
      if (component !== undefined) checkComponentName(component, [...path, 'component'], entries, problems);
    }
  }
}

function middlewareOf({ table }: TriggerEntry): Table[] {
  return asArray(asTable(table.dependencies)?.middleware).map((value) => asTable(value) ?? {});
}

function checkTrigger({ table, path }: TriggerEntry, problems: Problems): void {
  const isCgi = asText(asTable(table.executor)?.type) === 'wagi';
  if (!isCgi && table.static_response === undefined) return;
  const what = isCgi ? 'a CGI program' : 'a static response';
  problems.add('unsupported', [...path, 'dependencies'], `Mayfly puts no middleware before ${what}`, {
    hint: 'docs/limits.md lists what is missing',
    at: 'key',
  });
}
