// The rows of the benchmark, in the order in which they run.
import type { Row } from './row.ts';
import { compute } from './rows/compute.ts';
import { http } from './rows/http.ts';
import { sandbox } from './rows/sandbox.ts';

export const allRows: readonly Row[] = [sandbox, http, compute];
