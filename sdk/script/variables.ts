// Variables of the component: `variables` of mayfly/sdk.
import { get } from 'fermyon:spin/variables@2.0.0';
import { asking, ServiceError } from './errors.ts';

const ask = (name: string): string => asking('variables', () => get(name));

export const variables = {
  get(name: string): string | undefined {
    try {
      return ask(name);
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'undefined') return undefined;
      throw error;
    }
  },
};
