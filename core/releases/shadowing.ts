import { NotPromotable } from '../base/errors.ts';
import type { Bucket } from '../base/objectStore.ts';
import { preparedUnlike } from '../package/preparesAlike.ts';
import { makeModels } from './models.ts';
import { makePromotions, type TryModel } from './promotions.ts';
import { changeShadow, type Shadow, shareSchema } from './shadow.ts';

/** Starts and ends a model's shadow. There is one at a time, so that it costs at most as much as the model itself. */
export function makeShadowing(bucket: Bucket, name: string, tryModel: TryModel) {
  const models = makeModels(bucket.read, name);
  const { assertRunnable } = makePromotions(bucket, name, tryModel);

  /**
   * Makes a published version shadow the live one, in place of any other shadow that `mayReplace`.
   * @returns the shadow now, and before
   * @throws {NotPromotable} when it is the live version, is incomplete or does not run, needs differently prepared chips,
   *   or the share is invalid
   */
  async function begin(
    version: string,
    share: number,
    at: Date,
    by: string | null = null,
    mayReplace: (former: Shadow) => boolean = () => true,
  ) {
    if (!shareSchema.safeParse(share).success)
      throw new NotPromotable(
        `found the share ${share}, allowed is a number above 0 and up to 1: the share of the files that the shadow classifies.`,
      );
    const live = await models.promotion();
    if (live === null)
      throw new NotPromotable(`No version of ${name} is promoted, so there is none to shadow. Promote one first.`);
    if (live.version === version)
      throw new NotPromotable(`${name} ${version} is the live version: it cannot shadow itself. Name another version.`);
    const { model: candidate } = await assertRunnable(version, 'cannot be a shadow', at);
    const differs = preparedUnlike(await models.load(live), candidate);
    if (differs.length > 0)
      throw new NotPromotable(
        `${name} ${version} cannot shadow ${name} ${live.version}: a shadow classifies the chips that were prepared for the live version, and the two packages differ in: ${differs.join(', ')}. Compare them on files instead: swath model diff, with --data.`,
      );
    const begun = { version, share, since: at.toISOString(), ...(by !== null && { by }) };
    const mayBegin = (former: Shadow | null) =>
      former === null || former.version === live.version || mayReplace(former);
    const { shadow, former } = await changeShadow(bucket, name, (found) => (mayBegin(found) ? begun : found));
    return { shadow: shadow!, former };
  }

  async function end(): Promise<Shadow> {
    const { former } = await changeShadow(bucket, name, () => null);
    if (former === null || former.version === (await models.promotion())?.version)
      throw new NotPromotable(`${name} has no shadow, so there is none to end.`);
    return former;
  }

  return { begin, end };
}
