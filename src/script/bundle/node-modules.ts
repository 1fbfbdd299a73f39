// Modules of Node that a program or a package of it imports: engines have none of them.
import { builtinModules } from 'node:module';
import type { Plugin } from 'rolldown';
import { MayflyError } from '../../errors.ts';

const builtins = new Set(builtinModules);

/** Packages on npm that do the work of a module of Node by plain JavaScript, under the very name. */
const instead: Readonly<Record<string, string>> = {
  crypto: 'the global crypto (crypto.subtle, crypto.randomUUID)',
  fs: "key-value stores, SQLite, or an import of the file's text",
  http: 'fetch, and a handler',
  https: 'fetch',
  net: 'fetch',
  url: 'the globals URL and URLSearchParams',
  worker_threads: 'nothing: each request has a sandbox of its own',
};

export function nodeModules(problems: MayflyError[]): Plugin {
  return {
    name: 'mayfly:node',
    resolveId: {
      order: 'post',
      async handler(source, importer) {
        const name = source.replace(/^node:/, '');
        if (!builtins.has(name)) return undefined;
        // What the package has in its place, or a package of this name, as `buffer` or `events` have one.
        for (const asked of source.startsWith('node:') ? [] : [source, `${source}/`]) {
          const found = await this.resolve(asked, importer, { skipSelf: true });
          if (found && !found.external && !builtins.has(found.id)) return found;
        }
        const use = instead[name.split('/', 1)[0] as string];
        problems.push(
          new MayflyError('script-invalid', `"${source}" is a module of Node, which programs here do not have`, {
            ...(importer !== undefined && { location: { file: importer } }),
            hint: use === undefined ? 'Look for a package, or a version of it, that runs in browsers' : `Use ${use}`,
          }),
        );
        return { id: `\0node:${name}`, external: false };
      },
    },
    load: (id) => (id.startsWith('\0node:') ? 'export default undefined;' : undefined),
  };
}
