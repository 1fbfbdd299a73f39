// The streams of a TCP connection keep the contract of all streams.
import net from 'node:net';
import { inputStreamContract, outputStreamContract } from '../io/stream.contract.ts';
import { serve } from './network.test-kit.ts';
import { TcpConnection } from './tcp-connection.ts';

async function pair(): Promise<{ connection: TcpConnection; peer: net.Socket }> {
  const arrived = Promise.withResolvers<net.Socket>();
  const port = await serve(arrived.resolve);
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return { connection: new TcpConnection(socket), peer: await arrived.promise };
}

/** Connections stand ready, since a stream has to be made at once. */
const connections = await Promise.all(Array.from({ length: 12 }, pair));

inputStreamContract('receiving', (content) => {
  const { connection, peer } = connections.pop()!;
  peer.end(content);
  return connection.input;
});

outputStreamContract('sending', async () => {
  const { connection, peer } = await pair();
  const chunks: Buffer[] = [];
  let length = 0;
  let wanted = 0;
  const { output } = connection;
  const write = output.write.bind(output);
  output.write = (bytes) => {
    wanted += bytes.length;
    write(bytes);
  };
  peer.on('data', (chunk) => {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
  });
  const arrived = async (): Promise<Uint8Array> => {
    while (length < wanted) await new Promise((resolve) => peer.once('data', resolve));
    return Buffer.concat(chunks);
  };
  return { stream: output, arrived };
});
