// What triggers wait for, as people are told of it, with the values of variables in it: in what is told of a server its user
// and password are left out.
import type { LockedApp } from '../app/locked-app.ts';
import { createResolver } from '../host/variables/resolver.ts';
import { variableProviders } from './services.ts';

const shown = ['address', 'channel', 'queueUrl', 'topic'];

/** Gives the app with the values; what has none, or none now, stays as the manifest has it. */
export async function withShownValues(
  app: LockedApp,
  options: Parameters<typeof variableProviders>[1],
): Promise<LockedApp> {
  const { expand } = createResolver(app.variables, variableProviders(app, options));
  const triggers = await Promise.all(
    app.triggers.map(async (trigger) => {
      const templates = Object.entries(trigger).filter(([key, value]) => shown.includes(key) && isTemplate(value));
      const values = await Promise.all(
        templates.map(async ([key, value]) => [key, await expanded(expand, String(value))]),
      );
      return values.length === 0 ? trigger : { ...trigger, ...Object.fromEntries(values) };
    }),
  );
  return { ...app, triggers };
}

function isTemplate(value: unknown): boolean {
  return typeof value === 'string' && value.includes('{{');
}

async function expanded(expand: (text: string) => string | Promise<string>, template: string): Promise<string> {
  try {
    return await expand(template);
  } catch {
    return template;
  }
}
