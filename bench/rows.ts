// The rows of the benchmark, in the order in which they run.
import type { Row } from './row.ts';
import { sandbox } from './rows/sandbox.ts';

export const allRows: readonly Row[] = [sandbox];
