// A worker for pool.test.ts that serves with node:http, and can misbehave in some ways. Its first argument is a file;
// while that exists, the worker fails to start.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { Server } from 'node:net';
import { MayflyError } from '../errors.ts';
import { serveWorker } from './child.ts';

/** Milliseconds that idle connections get for one more request. */
const IDLE_GRACE = 400;

serveWorker({
  async start({ host, port, handle }) {
    if (existsSync(process.argv[2] ?? '')) {
      throw new MayflyError('manifest-invalid', 'As the test wants it', { hint: 'Remove the file' });
    }
    let isStopping = false;
    const server = createServer((request, response) => {
      if (isStopping) response.shouldKeepAlive = false;
      const url = new URL(request.url ?? '/', 'http://x');
      const ms = Number(url.searchParams.get('ms') ?? 0);
      if (url.pathname === '/block') block(ms);
      if (url.pathname === '/exit') process.exit(3);
      setTimeout(() => response.end(String(process.pid)), ms);
    });
    await new Promise<void>((resolve) => server.listen(handle, () => resolve()));
    return {
      url: `http://${host}:${port}`,
      silentMs: Number(process.env.SILENT_MS ?? 0),
      stop: () =>
        new Promise((resolve) => {
          isStopping = true;
          // This is the close of the base class: http.Server.close would close idle connections at once.
          Server.prototype.close.call(server, () => resolve());
          setTimeout(() => setInterval(() => server.closeIdleConnections(), 20), IDLE_GRACE);
        }),
    };
  },
});

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
