// The name of a component, from the custom section "component-name". design/mvp/Binary.md#name-section
// A malformed name section is no error, as the specification wishes; a malformed custom section is.

import { MayflyError } from '../../errors.ts';
import type { Reader } from './reader.ts';

const COMPONENT_NAME_SUBSECTION = 0;

/** Reads the component's name. `section` is a custom section of any name; undefined unless it names the component. */
export function readComponentName(section: Reader): string | undefined {
  if (section.name() !== 'component-name') return undefined;
  try {
    if (section.byte() !== COMPONENT_NAME_SUBSECTION) return undefined;
    return section.window(section.u32(), 'the component name').name();
  } catch (error) {
    if (error instanceof MayflyError) return undefined;
    throw error;
  }
}
