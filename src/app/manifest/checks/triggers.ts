// Checks the triggers of all types: what each type checks, and that there is a trigger at all.
import { asTable, type Entries, type Table } from '../document.ts';
import type { Problems } from '../problems.ts';
import { manifestTriggers, typeOf } from '../triggers/all.ts';

export function checkTriggers(document: Table, entries: Entries, problems: Problems): void {
  for (const one of manifestTriggers) {
    one.check(
      document,
      entries.triggers.filter((entry) => typeOf(entry) === one),
      problems,
      entries,
    );
  }
}

/** Checks that there is a trigger: an app that nothing can call is of no use to run. */
export function checkHasTrigger(document: Table, problems: Problems): void {
  const triggers = asTable(document.trigger);
  if (!triggers || Object.keys(triggers).length > 0) return;
  problems.add('manifest-key-missing', ['trigger'], 'The app has no trigger', {
    hint: "Add a '[[trigger.http]]' table",
  });
}
