// Reads the source map that a core module names: within the module itself, or from a file beside the component.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The most bytes of a map. */
const MOST_BYTES = 32 * 1024 * 1024;

const inline = /^data:application\/json(?:;charset=[\w-]+)?(;base64)?,/;

/**
 * The text of the map; undefined where there is none. The name is the guest's: it stands for a file in the folder of the
 * component that ends with `.map`, and for nothing else.
 */
export function readSourceMap(component: string, url: string): string | undefined {
  if (url.length > MOST_BYTES) return undefined;
  const data = inline.exec(url);
  try {
    if (data) {
      const text = url.slice(data[0].length);
      return data[1] === undefined ? decodeURIComponent(text) : Buffer.from(text, 'base64').toString();
    }
    const name = url.replace(/^\.\//, '');
    if (!/^[\w][\w.-]*\.map$/.test(name)) return undefined;
    const path = join(dirname(component), name);
    const status = statSync(path);
    return status.isFile() && status.size <= MOST_BYTES ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined; // There is no map, which is no mistake: it is made for developers only.
  }
}
