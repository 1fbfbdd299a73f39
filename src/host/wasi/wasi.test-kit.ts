// Calls host functions the way a linked component does, for the unit tests of this folder. Not part of the product.
import assert from 'node:assert/strict';
import { lockedComponent } from '../../app/locked-app.test-kit.ts';
import { HostByteBudget } from '../../component/types/host-byte-budget.ts';
import type { HostInterface } from '../../component/types/val-type.ts';
import { silentLog } from '../../telemetry/log.ts';
import type { SandboxContext } from '../service.ts';
import { type WasiConfigured, WasiState } from './state.ts';

export type CallHost = (interfaceName: string, functionName: string, ...args: unknown[]) => unknown;

/**
 * Makes a function that calls host functions. It fails on a promise from a function that is not marked as suspending,
 * as the component runtime would; for the functions that `givesFuture` names, the promise is a future.
 */
export function caller(interfaces: readonly HostInterface[], state: unknown, givesFuture = /^$/): CallHost {
  return (interfaceName, functionName, ...args) => {
    const func = interfaces.find(({ name }) => name === interfaceName)?.functions[functionName];
    assert.ok(func, `no function ${functionName} in ${interfaceName}`);
    const result = func.call(state as never, ...(args as never[]));
    const mayPromise = func.suspends || givesFuture.test(functionName);
    assert.ok(mayPromise || !(result instanceof Promise), `${functionName} must not give a promise`);
    return result;
  };
}

export const testComponent = lockedComponent();

export function testSandbox(over: Partial<SandboxContext> = {}): SandboxContext {
  const signal = new AbortController().signal;
  return { component: testComponent, signal, log: silentLog, hostBytes: new HostByteBudget(), ...over };
}

export function testState(over: Partial<WasiConfigured> = {}, sandbox: SandboxContext = testSandbox()): WasiState {
  const configured: WasiConfigured = {
    component: testComponent,
    environment: [],
    arguments: [],
    stdio: {},
    logBytes: 1000,
    preopens: [],
    writableFiles: false,
    sendRequest: undefined,
    ...over,
  };
  return new WasiState(configured, sandbox);
}
