// Places in trace backs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pythonPositions } from './positions.ts';

test('the innermost call that is in a file of the program', () => {
  const positions = pythonPositions(new Set(['/app.py', '/lib.py']));
  const stack =
    'File "/app.py", line 1, in <module>\n  File "/lib.py", line 22, in f\n  File "/other.py", line 3, in g\nE: x';
  assert.deepEqual(positions.firstIn(stack), { file: '/lib.py', line: 22, column: 1 });
  assert.equal(positions.firstIn('File "/other.py", line 3'), undefined);
  assert.equal(positions.inText('as it is'), 'as it is');
});
