import { hash } from 'node:crypto';
import * as z from 'zod';
import { jsonIn } from '../base/errors.ts';
import { retrainedKey } from '../base/keys.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../base/limits.ts';
import { type Bucket, nullIfNotFound } from '../base/objectStore.ts';
import { precise } from '../base/text/numbers.ts';
import { total } from '../tasks/confusion.ts';
import type { Accuracy } from '../tasks/shown.ts';
import type { VersionComparison } from './comparison/compareVersions.ts';
import { counted } from './comparison/numbers.ts';

/** Whether a scene is held out: by its bytes, for ever, so that no version is judged by what another has learned. */
export const isHeldOut = (digest: string, share: number): boolean =>
  Number.parseInt(hash('sha256', digest).slice(0, 8), 16) < share * 2 ** 32;

type Right = Omit<NonNullable<VersionComparison['rightByOne']>, 'p'>;
/** What a retrained version says of the held-out chips, beside the live one, which is the first of both. */
export type Retrained = {
  comparison: Pick<VersionComparison, 'chips' | 'alone' | 'errors'> & { rightByOne: Right | null };
  /** The different predictions, and the different truths. */
  said: ReadonlySet<string>;
  truths: ReadonlySet<string>;
  /** What is counted. */
  of?: 'chip' | 'pixel';
};

/** The same of masks, by their pixels, in whichever chips they are. */
export function pixelsOf({ first, second }: NonNullable<VersionComparison['accuracy']>): Retrained {
  const sum = ({ classes = [] }: Accuracy, of: 'truth' | 'correct') => total(classes.map((one) => one[of]));
  const named = (of: 'truth' | 'predicted') => new Set(second.classes!.flatMap((one) => (one[of] > 0 ? one.name : [])));
  const alone = { first: sum(first, 'truth'), second: sum(second, 'truth') };
  const right = { chips: alone.second, both: 0, first: sum(first, 'correct'), second: sum(second, 'correct') };
  const comparison = { chips: 0, alone, rightByOne: right, errors: null };
  return { comparison, said: named('predicted'), truths: named('truth'), of: 'pixel' };
}

/** Why a retrained version is refused in any case: it is worse on held-out chips, or says one thing of all. */
export function refusalOf({ comparison, said, truths, of = 'chip' }: Retrained, live: string): string | null {
  const { chips, alone, rightByOne, errors } = comparison;
  if (said.size === 1 && truths.size > 1)
    return `It says ${[...said][0]} of each of the ${counted(chips + alone.second, `held-out ${of}`)}, of which the truth says ${truths.size.toLocaleString('en')} different things.`;
  if (alone.second < alone.first)
    return `It predicts ${counted(chips + alone.second, `held-out ${of}`)}, and ${live}, which is live, ${(chips + alone.first).toLocaleString('en')}.`;
  if (rightByOne !== null && rightByOne.second < rightByOne.first) {
    const { chips: n, both, first, second } = rightByOne;
    return `Of ${counted(n, `held-out ${of}`)} it has ${(both + second).toLocaleString('en')} right, and ${live}, which is live, ${(both + first).toLocaleString('en')}.`;
  }
  if (errors !== null && errors.second > errors.first)
    return `Its mean absolute error over ${counted(errors.chips, `held-out ${of}`)} is ${precise(errors.second)}, and that of ${live}, which is live, ${precise(errors.first)}.`;
  return rightByOne === null && errors === null ? 'It has no finite prediction for any held-out chip.' : null;
}

/** What the last training was made of, so that the same truths are not learned again. */
const memorySchema = z.object({
  digest: z.string(),
  command: z.string(),
  /** How many chips of each day had a known truth. */
  truths: z.record(z.string(), z.int()),
  /** The version that was published last; null if none was. */
  version: z.string().nullable(),
});
export type Memory = z.infer<typeof memorySchema>;

export async function readMemory({ read }: Pick<Bucket, 'read'>, name: string): Promise<Memory | null> {
  const bytes = await read(retrainedKey(name), MAX_PACKAGE_TEXT_BYTES).catch(nullIfNotFound);
  return memorySchema.safeParse(jsonIn(new TextDecoder().decode(bytes ?? undefined))).data ?? null; // foreign content is overwritten
}

export const writeMemory = ({ write }: Pick<Bucket, 'write'>, name: string, memory: Memory): Promise<void> =>
  write(retrainedKey(name), new TextEncoder().encode(`${JSON.stringify(memory)}\n`));

/** How many more truths there are than at the last training, whatever became older than those that are looked at. */
export const newTruths = (now: Memory['truths'], then: Memory['truths'] = {}): number =>
  Object.entries(now).reduce((sum, [day, count]) => sum + Math.max(0, count - (then[day] ?? 0)), 0);
