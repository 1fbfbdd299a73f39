export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    return new Response(`Hello from {{project-name}}: ${request.method} ${pathname}\n`, {
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
  },
};
