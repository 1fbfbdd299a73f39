// Greets, in TypeScript: `/hello` and `/hello/:name`. The route's parameter comes in a header.

declare function addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
interface FetchEvent {
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
}

addEventListener('fetch', (event) => event.respondWith(greet(event.request)));

function greet(request: Request): Response {
  const name = decodeURIComponent(request.headers.get('spin-path-match-name') ?? 'world');
  return new Response(`Hello, ${name}, from JavaScript\n`, {
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
}
