// The hostile suites, in the order in which they run.
import type { HostileSuite } from './suite.ts';
import { components } from './suites/components.ts';
import { hoarders } from './suites/hoarders.ts';
import { requests } from './suites/requests.ts';
import { runaways } from './suites/runaways.ts';
import { secrets } from './suites/secrets.ts';

export const suites: readonly HostileSuite[] = [secrets, runaways, hoarders, requests, components];
