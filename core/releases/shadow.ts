import * as z from 'zod';
import { orElse } from '../base/errors.ts';
import { shadowKey } from '../base/keys.ts';
import type { ModelRef } from '../base/messages.ts';
import { isSafeName, safeNameRule } from '../base/names.ts';
import type { Bucket } from '../base/objectStore.ts';
import { parseObject } from '../package/problems.ts';

/**
 * A candidate version that classifies the same prepared chips as the live version of its model, and counts nowhere. It is
 * recorded in an object of the model's own, like the promoted version, so promotions of other models do not affect it.
 */

/** The share of a model's files that its shadow classifies; 1 is all of them. */
export const shareSchema = z.number().gt(0).max(1);
const shadowSchema = z.object({
  version: z.string().refine(isSafeName, safeNameRule),
  share: shareSchema,
  since: z.iso.datetime(),
  /** Who started it: an ARN, a user name on a laptop, or the alias of a registry; absent if unknown. */
  by: z.string().optional(),
});
/** Null once it has ended. */
const shadowFileSchema = z.object({ shadow: shadowSchema.nullable() });

export type Shadow = z.infer<typeof shadowSchema>;

export function parseShadow(key: string, bytes: Uint8Array): Shadow | null {
  const allowed =
    '{"shadow": {"version": "<a published version>", "share": <above 0, up to 1>, "since": "<time>"}}, or {"shadow": null}';
  return parseObject(shadowFileSchema, key, bytes, allowed).shadow;
}

/** Changes a model's shadow by `edit`; an invalid `shadow.json` counts as none. Returns what it was, and is. */
export async function changeShadow(
  bucket: Pick<Bucket, 'readVersion' | 'replaceVersion'>,
  name: string,
  edit: (former: Shadow | null) => Shadow | null,
): Promise<{ former: Shadow | null; shadow: Shadow | null }> {
  const key = shadowKey(name);
  for (;;) {
    const found = await bucket.readVersion(key);
    const former = found && orElse(null, () => parseShadow(key, found.bytes));
    const shadow = edit(former);
    if (shadow === former) return { former, shadow };
    const bytes = new TextEncoder().encode(`${JSON.stringify({ shadow })}\n`);
    if ((await bucket.replaceVersion(key, bytes, found?.version ?? null)) !== null) return { former, shadow };
  }
}

export async function endShadowOf(bucket: Bucket, { name, version }: ModelRef): Promise<void> {
  await changeShadow(bucket, name, (former) => (former?.version === version ? null : former));
}

/** The number of hexadecimal digits used: 52 bits, which a double holds. */
const DIGITS = 13;

/** Whether a file or a request is in a share, by the SHA-256 of its bytes or its id; it is in every larger share, too. */
export const isInShare = (digest: string, share: number): boolean =>
  Number.parseInt(digest.slice(0, DIGITS), 16) < share * 16 ** DIGITS;
