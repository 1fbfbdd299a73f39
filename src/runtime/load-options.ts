import type { RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import type { TriggerOptions } from '../triggers/trigger.ts';

/** What can be set for an app when it is loaded, apart from its manifest. */
export interface LoadOptions extends TriggerOptions {
  /** Values of app variables, which override those of all other providers. */
  readonly variables: Readonly<Record<string, string>>;
  /** Environment variables for every component, which override those of its manifest. */
  readonly environment: Readonly<Record<string, string>>;
  /** The runtime configuration; by default all that an app keeps is in memory. */
  readonly runtimeConfig?: RuntimeConfig | undefined;
}
