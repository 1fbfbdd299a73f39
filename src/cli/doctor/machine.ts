// Looks at this machine: Mayfly itself, the tools of its templates, and the address that the app is to listen at.
import { createServer } from 'node:net';
import { messageOf } from '../../errors.ts';
import { describeCapabilities } from '../../runtime/engine.ts';
import { buildTool } from '../build/tools.ts';
import { version } from '../installation.ts';
import type { ListenAddress } from '../options.ts';
import type { Finding } from './finding.ts';

export async function examineMachine(listen: ListenAddress): Promise<Finding[]> {
  return [
    { state: 'ok', text: `Mayfly ${version()} on Node ${process.versions.node}, ${process.platform} ${process.arch}` },
    ...['@bytecodealliance/componentize-js', '@bytecodealliance/jco', '@yowasp/clang'].map(examinePackage),
    await examinePort(listen),
    ...describeCapabilities().map((text): Finding => ({ state: 'ok', text })),
  ];
}

function examinePackage(name: string): Finding {
  const tool = buildTool(name);
  if (tool) return { state: 'ok', text: `${name} ${tool.version}` };
  return { state: 'note', text: `${name} is not installed; some templates need it: npm install --save-dev ${name}` };
}

async function examinePort({ host, port }: ListenAddress): Promise<Finding> {
  const { promise, resolve } = Promise.withResolvers<Finding>();
  const server = createServer();
  server.on('error', (error) =>
    resolve({ state: 'wrong', text: `Cannot listen at ${host}:${port}: ${messageOf(error)}` }),
  );
  server.listen(port, host, () => server.close(() => resolve({ state: 'ok', text: `${host}:${port} is free` })));
  return promise;
}
