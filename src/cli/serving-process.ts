// What a process is set to that does nothing but serve, and that a program which uses the library decides for itself.
import { keepDeepStacks } from '../sandbox/describe-failure.ts';
import { letHeapGrow } from '../sandbox/memory/collect.ts';

export function setUpServingProcess(): void {
  keepDeepStacks();
  letHeapGrow();
}
