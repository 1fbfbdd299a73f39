// A program: serves HTTP components in jco, a new instance for each request, as `node jco-server.ts <path>=<file.wasm>…`. It says
// `listening on <port>` on stdout. jco blocks its thread while a guest waits, so it needs a process of its own.
import { readFile } from 'node:fs/promises';
import * as http from '@bytecodealliance/preview2-shim/http';
import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';
import { type JcoComponent, type JcoImports, transpileWithJco } from './jco.ts';
import { freePort } from './servers/free-port.ts';

/** Left out of the package's types. */
interface WithServer {
  HTTPServer: new (handler: Handler) => { listen(port: number, host: string): void };
}
interface IncomingRequest {
  pathWithQuery(): string | undefined;
}
interface Handler {
  handle(request: IncomingRequest, response: unknown): void;
}

const components = new Map<string, JcoComponent>();
for (const route of process.argv.slice(2)) {
  const [path = '', file = ''] = route.split('=');
  components.set(path, await transpileWithJco(await readFile(file)));
}

function handlerFor(path: string): Handler {
  const component = components.get(`/${path.split('/')[1]}`);
  if (!component) throw new Error(`No component for '${path}'`);
  const instance = component.instantiate(new WASIShim().getImportObject() as unknown as JcoImports);
  return instance.incomingHandler as Handler;
}

const port = await freePort();
const { HTTPServer } = http as unknown as WithServer;
new HTTPServer({
  handle(request: IncomingRequest, response: unknown): void {
    const path = (request.pathWithQuery() ?? '/').split('?')[0] ?? '/';
    handlerFor(path).handle(request, response);
  },
}).listen(port, '127.0.0.1');
console.log(`listening on ${port}`);
