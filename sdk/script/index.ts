// What programs import as `mayfly/sdk`: the services of the host. types/sdk.d.ts describes it for their compilers.
export { ServiceError } from './errors.ts';
export { keyValue } from './key-value.ts';
export { llm } from './llm.ts';
export { mqtt } from './mqtt.ts';
export { mysql } from './mysql.ts';
export { postgres } from './postgres.ts';
export { redis } from './redis.ts';
export { sqlite } from './sqlite.ts';
export { variables } from './variables.ts';
export { websocket } from './websocket.ts';
