import * as z from 'zod';
import { ObjectNotFound } from '../errors.ts';
import { publicationKey } from '../keys.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../limits.ts';
import type { ModelRef } from '../messages.ts';
import type { Bucket, ReadObject } from '../objectStore.ts';

const schema = z.object({
  /** The origin as it was given, such as `mlflow:drought@champion`. */
  from: z.string(),
  /** What it pointed to then, such as `mlflow:drought/3`. */
  where: z.string(),
  digest: z.string(),
  at: z.iso.datetime(),
});

/** Where a published version came from; absent for versions published from a folder. */
export type Publication = z.infer<typeof schema>;

export async function writePublication(
  bucket: Pick<Bucket, 'write'>,
  model: ModelRef,
  publication: Publication,
): Promise<void> {
  await bucket.write(publicationKey(model), new TextEncoder().encode(`${JSON.stringify(publication)}\n`));
}

/** Returns null if there is no record, or something else in its place. */
export async function readPublication(read: ReadObject, model: ModelRef): Promise<Publication | null> {
  try {
    const bytes = await read(publicationKey(model), MAX_PACKAGE_TEXT_BYTES);
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    if (error instanceof ObjectNotFound || error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
