// fermyon:spin-test-virt/variables: a test sets the variables of the app that it tests.
import { defineInterface } from '../service.ts';
import type { TestHarness } from '../test-harness.ts';

export function spinTestVariables(harness: Pick<TestHarness, 'setVariable'>) {
  return defineInterface('variables', 'fermyon:spin-test-virt/variables', undefined, {
    signatures: { set: 'func(string, string)' },
    functions: { set: (_state, name: string, value: string) => harness.setVariable(name, value) },
  });
}
