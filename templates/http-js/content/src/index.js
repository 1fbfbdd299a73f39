export default {
  /** @param {Request} request */
  async fetch(request) {
    const { pathname } = new URL(request.url);
    return new Response(`Hello from {{project-name}}: ${request.method} ${pathname}\n`, {
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
  },
};
