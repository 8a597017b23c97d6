import * as z from 'zod';

/** A chip that cannot be read, in a file whose other chips are classified. */
export type Refusal = {
  /** Its index among the file's chips, from 0. */
  readonly index: number;
  /** Its name in the file; null if it has none. */
  readonly name: string | null;
  /** One sentence: what was found and what is allowed. */
  readonly message: string;
};

/** What a run's row keeps of its refusals: their number and the first, shortened, as a row is billed by its size. */
export const refusedSchema = z.object({
  count: z.int().min(1),
  first: z.array(z.object({ index: z.int().min(0), name: z.string().nullable(), message: z.string() })),
});
export type Refused = z.infer<typeof refusedSchema>;

const KEPT = 5;
const LETTERS_KEPT = 200;

/** Returns the refusals as kept in the row; `refused` is absent if there are none. */
export function refusedInRow(refusals: readonly Refusal[] = []): { refused?: Refused } {
  if (refusals.length === 0) return {};
  const first = refusals
    .slice(0, KEPT)
    .map(({ index, name, message }) => ({ index, name: name && shortened(name), message: shortened(message) }));
  return { refused: { count: refusals.length, first } };
}

function shortened(text: string): string {
  return text.length <= LETTERS_KEPT ? text : `${text.slice(0, LETTERS_KEPT).toWellFormed()}…`; // DynamoDB rejects half a surrogate pair
}
