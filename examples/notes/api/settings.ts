// Settings are one value of the key-value store, as JSON.
import { Store } from 'fermyon:spin/key-value@2.0.0';

export interface Settings {
  readonly title: string;
  /** Older notes are removed by the cron trigger. */
  readonly keepDays: number;
}

const defaults: Settings = { title: 'Notes', keepDays: 30 };

export function readSettings(): Settings {
  const stored = Store.open('default').get('settings');
  return stored ? { ...defaults, ...(JSON.parse(new TextDecoder().decode(stored)) as Settings) } : defaults;
}

export function writeSettings(settings: Settings): void {
  Store.open('default').set('settings', new TextEncoder().encode(JSON.stringify(settings)));
}
