import type { RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import type { MayflyError } from '../errors.ts';
import type { StartStatements } from '../host/sqlite/start.ts';
import type { TestHarness } from '../host/test-harness.ts';
import type { Crossing } from '../replay/crossing.ts';
import type { OnFailure } from '../triggers/http/failure-page.ts';
import type { TriggerOptions } from '../triggers/trigger.ts';
import type { Meter } from './meter.ts';
import type { RecordSettings } from './record.ts';
import type { VirtualSurroundings } from './virtual.ts';

/** What can be set for an app when it is loaded, apart from its manifest. */
export interface LoadOptions extends Omit<TriggerOptions, 'failurePage'> {
  /** Values of app variables, which override those of all other providers. */
  readonly variables: Readonly<Record<string, string>>;
  /** Environment variables for every component, which override those of its manifest. */
  readonly environment: Readonly<Record<string, string>>;
  /** The runtime configuration; by default all that an app keeps is in memory. */
  readonly runtimeConfig?: RuntimeConfig | undefined;
  /** Put into the key-value store `default` when the app is loaded: once is enough for all workers of a machine. */
  readonly keyValues?: readonly (readonly [key: string, value: string])[] | undefined;
  /** Offers the interfaces of wasi:otel to guests: an experiment, as in Spin. */
  readonly wasiOtel?: boolean | undefined;
  /** Run when the app is loaded, so only one of several workers may get them; files are read before. */
  readonly sqliteStatements?: readonly StartStatements[] | undefined;
  /** Whether programs can be loaded anew while the app runs (`sources` of the running app). */
  readonly reloadable?: boolean | undefined;
  /** Whether clients get a page that says why their request failed: they are developers. */
  readonly dev?: boolean | undefined;
  /** Why a newer version of the app's programs cannot be loaded, as long as it cannot: for pages that developers see. */
  readonly newerFailure?: (() => MayflyError | undefined) | undefined;
  /** Told why a request failed, in the place of a page. */
  readonly onFailure?: OnFailure | undefined;
  /** Takes the place of all that is outside of the app: no request goes out, and variables come from `variables` only. */
  readonly virtual?: VirtualSurroundings | undefined;
  /** Sums up what requests cost, stage by stage. */
  readonly meter?: Meter | undefined;
  /** Which requests are recorded, and where; none unless it is given. */
  readonly record?: RecordSettings | undefined;
  /** Stands where the app's guests call the host: records what crosses there, or plays it. */
  readonly crossing?: Crossing | undefined;
  /** What is loaded is a component of tests: this is the app that they test. */
  readonly harness?: TestHarness | undefined;
}
