// What the outbound client limits, apart from the time limits that a request brings.
import { type FixedLimitsOf, fixedLimitsOf, type LimitsOf, limitsOf } from '../../limits.ts';

export type ClientLimits = LimitsOf<'client'> & FixedLimitsOf<'client'>;

export const defaultClientLimits: ClientLimits = { ...limitsOf('client'), ...fixedLimitsOf('client') };
