// A tiny core module per signature that calls a function and says that it returned: no JavaScript frame may stand
// between a promising call and a suspension, and only core code can tell at once whether a promising call is over.
import {
  body,
  CODE,
  type CoreSignature,
  callFunc,
  compile,
  EXPORT,
  exportFunc,
  FUNCTION,
  funcType,
  gets,
  IMPORT,
  importFunc,
  section,
  TYPE,
} from './encode-module.ts';

const modules = new Map<string, WebAssembly.Module>();

/** Makes the module whose `run(params)` calls `f(params)`, then `done(results)`. */
function callerModule(signature: CoreSignature): WebAssembly.Module {
  const key = `${signature.params.join()}:${signature.results.join()}`;
  let module = modules.get(key);
  if (!module) {
    module = compileCaller(signature);
    modules.set(key, module);
  }
  return module;
}

function compileCaller(signature: CoreSignature): WebAssembly.Module {
  const { params, results } = signature;
  return compile([
    section(TYPE, [funcType(params, results), funcType(results, []), funcType(params, [])]),
    section(IMPORT, [importFunc('f', 0), importFunc('done', 1)]),
    section(FUNCTION, [[2]]),
    section(EXPORT, [exportFunc('run', 2)]),
    section(CODE, [body([...gets(signature), ...callFunc(0), ...callFunc(1)])]),
  ]);
}

type Run = (...args: (number | bigint)[]) => unknown;

/** Makes a function that calls `f`. Errors: WebAssembly.LinkError when `f` is not of this signature. */
export function makeCaller(
  signature: CoreSignature,
  f: WebAssembly.ImportValue,
  done: (result: number | bigint | undefined) => void,
): Run {
  return new WebAssembly.Instance(callerModule(signature), { '': { f, done } }).exports.run as Run;
}
