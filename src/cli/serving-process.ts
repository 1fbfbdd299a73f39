// Settings of a process that does nothing but serve; a program which uses the library decides about them itself.
import { keepDeepStacks } from '../sandbox/describe-failure.ts';
import { letHeapGrow } from '../sandbox/memory/collect.ts';

export function setUpServingProcess(): void {
  keepDeepStacks();
  letHeapGrow();
}
