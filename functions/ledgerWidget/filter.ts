import * as z from 'zod';
import { STATES } from '../../core/ledger/ledgerRow.ts';

export const filterSchema = z.object({
  state: z.enum(STATES).nullable().catch(null),
  search: z.string().trim().catch(''),
});
/** Which runs are asked for: of one state or all, with a text in them or any. */
export type Filter = z.infer<typeof filterSchema>;
