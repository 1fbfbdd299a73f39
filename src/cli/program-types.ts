// What TypeScript knows of the host in programs: the types of mayfly/sdk and of the interfaces, as one file without imports, so
// that editors find all of it where nothing is installed.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { home } from '../home.ts';

/** The name under which it stands in an app's folder. */
export const TYPES_FILE = 'mayfly.d.ts';

export async function programTypes(): Promise<string> {
  const [sdk, interfaces] = await Promise.all([read('sdk.d.ts'), read('interfaces.d.ts')]);
  const head = '// What programs may import of Mayfly. Made anew by: mayfly types > mayfly.d.ts\n';
  return `${head}\ndeclare module 'mayfly/sdk' {\n${indented(sdk)}  export {};\n}\n\n${interfaces}`;
}

function read(name: string): Promise<string> {
  return readFile(join(home, 'types', name), 'utf8');
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
