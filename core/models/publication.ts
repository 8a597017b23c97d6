import * as z from 'zod';
import { ObjectNotFound } from '../errors.ts';
import { publicationKey } from '../keys.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../limits.ts';
import type { ModelRef } from '../messages.ts';
import type { Bucket, ReadObject } from '../objectStore.ts';

const schema = z.object({
  /** As it was asked for, such as `mlflow:drought@champion`. */
  from: z.string(),
  /** What that was then, such as `mlflow:drought/3`. */
  where: z.string(),
  digest: z.string(),
  at: z.iso.datetime(),
});

/** Where a published version came from; there is none of one that was published from a folder. */
export type Publication = z.infer<typeof schema>;

export async function writePublication(
  bucket: Pick<Bucket, 'write'>,
  model: ModelRef,
  publication: Publication,
): Promise<void> {
  await bucket.write(publicationKey(model), new TextEncoder().encode(`${JSON.stringify(publication)}\n`));
}

/** Null where there is none, or where somebody has put something else in its place. */
export async function readPublication(read: ReadObject, model: ModelRef): Promise<Publication | null> {
  try {
    const bytes = await read(publicationKey(model), MAX_PACKAGE_TEXT_BYTES);
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    if (error instanceof ObjectNotFound || error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
