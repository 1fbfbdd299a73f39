// What workerd serves: the greeting of test/guests/hello-c.
export default {
  fetch() {
    return new Response('Hello from workerd\n', { headers: { 'content-type': 'text/plain' } });
  },
};
