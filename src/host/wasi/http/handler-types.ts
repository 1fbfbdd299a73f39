// The types of the functions that the host calls, as printFuncType of types/print.ts writes them.
import signatures from '../signatures-0.3.json' with { type: 'json' };

/** `handle` of wasi:http/incoming-handler@0.2 and of its release candidates. */
export const INCOMING_HANDLER_TYPE =
  'func(own<wasi:http/types/incoming-request>, own<wasi:http/types/response-outparam>)';

/** `handle` of wasi:http/handler@0.3, which is that of `send` of wasi:http/client. */
export const HANDLER_TYPE: string = signatures['wasi:http/client'].send;

export const RUN_TYPE = 'func() -> result';
export const RUN_TYPE_03 = 'async func() -> result';
