// Modules of Node that a program or a package of it imports: engines have none of them, and some can be had in plain JavaScript.
import { builtinModules } from 'node:module';
import type { Plugin } from 'rolldown';
import { MayflyError } from '../../errors.ts';

const builtins = new Set(builtinModules);

/**
 * Modules that the package unenv writes in plain JavaScript, as far as there is a meaning without files and sockets. What it has
 * of the others throws when it is called, which a program should know when it is loaded.
 */
const polyfilled = new Set([
  ...[
    'assert',
    'assert/strict',
    'async_hooks',
    'buffer',
    'constants',
    'diagnostics_channel',
    'events',
    'os',
    'path',
    'path/posix',
  ],
  ...['path/win32', 'perf_hooks', 'process', 'punycode', 'querystring'],
  ...['stream/web', 'sys', 'timers', 'timers/promises', 'tty', 'url', 'util', 'util/types'],
]);

/** What does the work of a module that there is not. */
const instead: Readonly<Record<string, string>> = {
  crypto: 'the global crypto (crypto.subtle, crypto.randomUUID)',
  fs: "key-value stores, SQLite, or an import of the file's text",
  http: 'fetch, and a handler',
  https: 'fetch',
  net: 'fetch',
  stream: 'ReadableStream, WritableStream and TransformStream',
  string_decoder: 'TextDecoder with { stream: true }',
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
        if (polyfilled.has(name)) return this.resolve(`unenv/node/${name}`, import.meta.filename, { skipSelf: true });
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
