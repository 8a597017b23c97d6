import type * as z from 'zod';
import type { PipelineFunction } from '../../core/base/functions.ts';
import {
  discoverInputSchema,
  driftInputSchema,
  inferCallSchema,
  mosaicInputSchema,
  preprocessInputSchema,
  reportInputSchema,
  settleCallSchema,
} from '../../core/base/messages.ts';

/** What each function that the state machine calls checks its message against. */
export const inputSchemas = {
  preprocess: preprocessInputSchema,
  preprocessCubes: preprocessInputSchema,
  infer: inferCallSchema,
  mosaic: mosaicInputSchema,
  drift: driftInputSchema,
  discover: discoverInputSchema,
  settle: settleCallSchema,
  report: reportInputSchema,
} satisfies Record<PipelineFunction, z.ZodType>;
