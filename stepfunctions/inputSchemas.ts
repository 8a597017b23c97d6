import type * as z from 'zod';
import {
  discoverInputSchema,
  driftInputSchema,
  inferInputSchema,
  preprocessInputSchema,
  reportInputSchema,
  settleInputSchema,
} from '../functions/shared/messages.ts';
import type { FunctionName } from '../local/functions.ts';

/** What each function that the state machine calls checks its message against. */
export const inputSchemas = {
  preprocess: preprocessInputSchema,
  infer: inferInputSchema,
  drift: driftInputSchema,
  discover: discoverInputSchema,
  settle: settleInputSchema,
  report: reportInputSchema,
} satisfies Record<FunctionName, z.ZodType>;
