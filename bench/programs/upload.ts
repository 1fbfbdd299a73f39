// `upload.ts <url> <bytes>` posts so many bytes, reads what comes back meanwhile, and prints how long that took.
import { request } from 'node:http';

const CHUNK = Buffer.alloc(64 * 1024, 'mayfly');
const [url = '', bytes = '0'] = process.argv.slice(2);
let left = Number(bytes);
let received = 0;
const start = performance.now();

const upload = request(url, { method: 'POST', headers: { 'content-length': left } }, (response) => {
  response.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  response.on('end', () => console.log(JSON.stringify({ received, seconds: (performance.now() - start) / 1000 })));
});
upload.on('drain', send);
send();

function send(): void {
  while (left > 0) {
    const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
    left -= chunk.length;
    if (!upload.write(chunk)) return;
  }
  upload.end();
}
