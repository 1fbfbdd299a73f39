// The keys of `[[application.tool.mayfly.websocket]]`.
import * as z from 'zod/mini';
import { table } from '../../schema-tools.ts';

const text = z.string();
const texts = z.array(text);

export const webSocketTable = table({
  id: z.optional(text),
  component: text,
  route: text,
  protocols: z.optional(texts),
  origins: z.optional(texts),
  topics: z.optional(texts),
  compression: z.optional(z.boolean()),
});
