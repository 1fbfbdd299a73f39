// Runs the directives of one .wast file in order; every directive is a case.

import { isDeepStrictEqual } from 'node:util';
import type { Component } from '../../../src/component/binary/ast.ts';
import { decodeComponent } from '../../../src/component/binary/decode.ts';
import { validateComponent } from '../../../src/component/validate/validate.ts';
import { MayflyError, messageOf, Trap } from '../../../src/errors.ts';
import type { Outcome } from '../suite.ts';
import { restoreCancellable } from './cancellable.ts';
import type { Action, Definition, Directive, Invoke } from './directives.ts';
import type { Engine, EngineFunc, EngineInstance } from './engine.ts';
import type { Node } from './sexpr.ts';
import { type Source, TextError, toBytes } from './source.ts';
import { toValue } from './values.ts';

/** What the directives of one file share. */
interface State {
  readonly file: string;
  readonly engine: Engine;
  readonly components: Map<string | undefined, Component>;
  readonly instances: Map<string | undefined, EngineInstance>;
  /** Why there is no instance of the last component. */
  lastFailure: string;
}

export function newState(file: string, engine: Engine): State {
  return { file, engine, components: new Map(), instances: new Map(), lastFailure: 'no component yet' };
}

class Failure extends Error {}

export async function runDirective(state: State, directive: Directive): Promise<Outcome> {
  try {
    await withTimeLimit(run(state, directive));
    return { status: 'passed' };
  } catch (error) {
    const reason = describe(error);
    if (makesInstance(directive)) state.lastFailure = reason;
    return { status: 'failed', reason };
  }
}

function makesInstance({ kind }: Directive): boolean {
  return kind === 'component' || kind === 'definition' || kind === 'instance';
}

const TIME_LIMIT_MS = 10_000;

/** A guest that waits for ever fails its own case only; one that computes for ever cannot be stopped. */
async function withTimeLimit(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Failure(`No end after ${TIME_LIMIT_MS} ms`)), TIME_LIMIT_MS);
  });
  await Promise.race([work, expired]).finally(() => clearTimeout(timer));
}

async function run(state: State, directive: Directive): Promise<unknown> {
  switch (directive.kind) {
    case 'component':
      return instantiate(state, await define(state, directive.definition), directive.definition.name);
    case 'definition':
      return define(state, directive.definition);
    case 'instance':
      return act(state, directive);
    case 'invoke':
      return invoke(state, directive.invoke);
    case 'assert_return':
      return assertReturn(state, directive.invoke, directive.results);
    case 'assert_trap':
      return assertTrap(state, directive.action, directive.message);
    case 'assert_invalid':
    case 'assert_malformed':
      return assertRefused(state, directive.source, directive.message);
    case 'assert_unlinkable':
      return assertUnlinkable(state, directive.action, directive.message);
    case 'unknown':
      throw new Failure(`Unknown directive "${directive.head}"`);
  }
}

async function load(state: State, source: Source): Promise<Component> {
  const decoded = decodeComponent(await toBytes(source), state.file);
  const component = source.kind === 'text' ? restoreCancellable(decoded, source.text) : decoded;
  validateComponent(component, state.file);
  compileModules(component);
  return component;
}

/** The validator leaves core code to V8. */
function compileModules({ definitions }: Component): void {
  for (const definition of definitions) {
    if (definition.kind === 'core-module') new WebAssembly.Module(definition.bytes as Uint8Array<ArrayBuffer>);
    if (definition.kind === 'component') compileModules(definition.component);
  }
}

async function define(state: State, { name, source }: Definition): Promise<Component> {
  const component = await load(state, source);
  state.components.set(undefined, component);
  state.components.set(name, component);
  return component;
}

async function instantiate(state: State, component: Component, name: string | undefined): Promise<void> {
  state.instances.delete(undefined);
  const instance = await state.engine.instantiate(component);
  state.instances.set(undefined, instance);
  state.instances.set(name, instance);
}

async function act(state: State, action: Action): Promise<unknown> {
  if (action.kind === 'invoke') return invoke(state, action.invoke);
  if (action.kind === 'component') return instantiate(state, await load(state, action.definition.source), undefined);
  const component = state.components.get(action.of);
  if (!component) throw new Failure(`No component "${action.of}": ${state.lastFailure}`);
  return instantiate(state, component, action.name);
}

function find(state: State, { instance, func }: Invoke): EngineFunc {
  const target = state.instances.get(instance);
  if (!target) throw new Failure(`No instance: ${state.lastFailure}`);
  const found = target.func(func);
  if (!found) throw new Failure(`The instance exports no function "${func}"`);
  return found;
}

async function invoke(state: State, call: Invoke): Promise<unknown> {
  const func = find(state, call);
  return func.call(func.type.params.map((param, index) => toValue(call.args[index], param.type)));
}

async function assertReturn(state: State, call: Invoke, results: readonly Node[]): Promise<void> {
  const type = find(state, call).type.result;
  const expected = type ? toValue(results[0], type) : undefined;
  const actual = await invoke(state, call);
  if (!isDeepStrictEqual(actual, expected)) throw new Failure(`Expected ${show(expected)}, got ${show(actual)}`);
}

async function assertTrap(state: State, action: Action, message: string): Promise<void> {
  try {
    await act(state, action);
  } catch (error) {
    if (!(error instanceof Trap || error instanceof WebAssembly.RuntimeError)) throw error;
    // tests mark with `unreachable` what must not be reached, so that it cannot stand for another trap
    if (error.message === 'unreachable' && !message.includes('unreachable')) {
      throw new Failure(`Trapped at \`unreachable\`, but: ${message}`);
    }
    return;
  }
  throw new Failure(`Expected a trap: ${message}`);
}

/** What a component that is malformed or invalid may be answered with. */
const refusals = [MayflyError, TextError, WebAssembly.CompileError];

async function assertRefused(state: State, source: Source, message: string): Promise<void> {
  try {
    await load(state, source);
  } catch (error) {
    if (refusals.some((kind) => error instanceof kind)) return;
    throw error;
  }
  throw new Failure(`Accepted, but: ${message}`);
}

async function assertUnlinkable(state: State, action: Action, message: string): Promise<void> {
  try {
    await act(state, action);
  } catch (error) {
    if (error instanceof MayflyError || error instanceof WebAssembly.LinkError) return;
    throw error;
  }
  throw new Failure(`Linked, but: ${message}`);
}

function describe(error: unknown): string {
  if (error instanceof Failure) return error.message;
  if (error instanceof MayflyError) {
    const { offset } = error.location ?? {};
    return `${error.code}: ${error.message}${offset === undefined ? '' : ` (at offset ${offset})`}`;
  }
  return error instanceof Error ? `${error.name}: ${messageOf(error)}` : String(error);
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}n` : item)) ?? String(value);
}
