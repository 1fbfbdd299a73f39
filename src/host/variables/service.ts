// The host service 'variables': what a component may know of its app's configuration. It is the example for the next
// service: service.ts has the lifetimes, bindings.ts the WIT functions, component-variables.ts what they read, resolver.ts the policy, backends/ the sources.
import type { LockedApp } from '../../app/locked-app.ts';
import type { HostInterface } from '../../component/types/val-type.ts';
import { MayflyError } from '../../errors.ts';
import type { ComponentContext, HostService } from '../service.ts';
import { variablesInterfaces } from './bindings.ts';
import { type ComponentVariables, componentVariables } from './component-variables.ts';
import type { VariableProvider } from './provider.ts';
import { createResolver, VariableError, type VariableResolver } from './resolver.ts';

export interface VariablesOptions {
  /** Gives the providers in the order in which they are asked: the first that has a value counts. */
  readonly providers: (app: LockedApp) => readonly VariableProvider[];
  readonly extraInterfaces?: readonly HostInterface[] | undefined;
}

/**
 * Makes the service. Nothing of it changes while a request runs, so that what it keeps for a component is the state of
 * each sandbox, too.
 */
export function createVariablesService(
  options: VariablesOptions,
): HostService<VariableResolver, ComponentVariables, ComponentVariables> {
  return {
    name: 'variables',
    interfaces: [...variablesInterfaces, ...(options.extraInterfaces ?? [])],
    configureApp: ({ app }) => createResolver(app.variables, options.providers(app)),
    async configureComponent(context, resolver) {
      await reportMissing(context, resolver);
      const { id, variables } = context.component;
      return componentVariables(id, variables, resolver);
    },
    prepare: (variables) => variables,
  };
}

/** Reports variables without a value at load, not in a request: such a mistake is one of whoever starts the app. */
async function reportMissing(context: ComponentContext, resolver: VariableResolver): Promise<void> {
  const { component, problem } = context;
  for (const [name, template] of Object.entries(component.variables)) {
    try {
      await resolver.expand(template);
    } catch (error) {
      if (!(error instanceof VariableError)) throw error;
      const message = `Variable "${name}" of component "${component.id}" has no value: ${error.message}`;
      problem(new MayflyError('variable-missing', message, { cause: error, location: component.location, hint }));
    }
  }
}

const hint = "Start with '--variable name=value', set SPIN_VARIABLE_NAME, or add a default under [variables]";
