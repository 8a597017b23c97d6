import * as z from 'zod';

/** A chip of a file that cannot be read, where the others are classified all the same. */
export type Refusal = {
  /** Its place among the file's chips, from 0. */
  readonly index: number;
  /** What it is called in the file; null where it has no name. */
  readonly name: string | null;
  /** One sentence: what was found and what is allowed. */
  readonly message: string;
};

/** What a run's row keeps of them: how many there are, and the first of them in short, as a row costs by its size. */
export const refusedSchema = z.object({
  count: z.int().min(1),
  first: z.array(z.object({ index: z.int().min(0), name: z.string().nullable(), message: z.string() })),
});
export type Refused = z.infer<typeof refusedSchema>;

const KEPT = 5;
const LETTERS_KEPT = 200;

/** The refusals as the row has them; undefined where there are none. */
export function refusedInRow(refusals: readonly Refusal[] = []): { refused?: Refused } {
  if (refusals.length === 0) return {};
  const first = refusals.slice(0, KEPT).map(({ index, name, message }) => ({
    ...{ index, name: name && shortened(name) },
    message: shortened(message),
  }));
  return { refused: { count: refusals.length, first } };
}

function shortened(text: string): string {
  if (text.length <= LETTERS_KEPT) return text;
  return `${text.slice(0, LETTERS_KEPT).toWellFormed()}…`; // no half of a letter: DynamoDB refuses it
}
