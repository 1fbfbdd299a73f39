// The core types that lifted and lowered functions have. CanonicalABI.md#flattening
import type { CoreFuncType } from '../binary/ast.ts';
import type { Checked } from './canon-options.ts';
import { flatten, MAX_FLAT } from './metrics.ts';
import type { FlatType, Func, Val } from './model.ts';

export const MAX_FLAT_RESULTS = 1;
export const MAX_FLAT_ASYNC_PARAMS = 4;

export function paramTypes({ params }: Func): Val[] {
  return params.map(({ type }) => type);
}

export function resultTypes({ result }: Func): Val[] {
  return result ? [result] : [];
}

/** CanonicalABI.md: flatten_functype */
export function flattenFunc(type: Func, options: Checked, context: 'lift' | 'lower'): CoreFuncType {
  const { address, async } = options;
  const params: FlatType[] = flatten(paramTypes(type), address);
  const results: FlatType[] = flatten(resultTypes(type), address);
  const maxParams = async && context === 'lower' ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT;
  const passed = params.length > maxParams ? [address] : params;
  if (context === 'lift') {
    if (async) return { params: passed, results: options.callback ? ['i32'] : [] };
    return { params: passed, results: results.length > MAX_FLAT_RESULTS ? [address] : results };
  }
  if (async) return { params: results.length > 0 ? [...passed, address] : passed, results: ['i32'] };
  if (results.length > MAX_FLAT_RESULTS) return { params: [...passed, address], results: [] };
  return { params: passed, results };
}
