// `record`: what `mayfly up --record` costs a request, beside the same app without it.
import { rowOfWays } from '../support/ways.ts';

export const record = rowOfWays({
  name: 'record',
  title: 'CPU time of a request while requests are recorded',
  column: 'recorded',
  ways: [
    { name: 'off', options: [] },
    { name: 'one in a hundred', options: ['--record', '{folder}', '--record-share', '0.01'] },
    { name: 'failures only', options: ['--record', '{folder}', '--record-only', 'failures'] },
    { name: 'all', options: ['--record', '{folder}'] },
  ],
  notes: ['At most 64 requests are recorded at once.'],
});
