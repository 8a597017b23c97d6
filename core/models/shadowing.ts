import { NotPromotable } from '../errors.ts';
import type { Bucket } from '../objectStore.ts';
import { makeModels } from './models.ts';
import { preparedUnlike } from './preparesAlike.ts';
import { makePromotions, type TryModel } from './promotions.ts';
import { assertShare, type Shadow, writeShadow } from './shadow.ts';

/** Which version shadows a model: one at a time, so that what it costs is at most what the model costs itself. */
export function makeShadowing(bucket: Bucket, name: string, tryModel: TryModel) {
  const models = makeModels(bucket.read, name);
  const { assertRunnable } = makePromotions(bucket, name, tryModel);

  /**
   * Has a published version shadow the live one, in the place of the one that did.
   *
   * @param by who begins it, if that is known
   * @throws NotPromotable where it is the live one, is not whole or does not run, would have its chips prepared in another way,
   * or the share is none
   */
  async function begin(version: string, share: number, at: Date, by: string | null = null): Promise<Shadow> {
    assertShare(share);
    const live = await models.promotion();
    if (live === null)
      throw new NotPromotable(`No version of ${name} is promoted, so there is none to shadow. Promote one first.`);
    if (live.version === version)
      throw new NotPromotable(`${name} ${version} is the live version: it cannot shadow itself. Name another version.`);
    const candidate = await assertRunnable(version, 'cannot be a shadow');
    const differs = preparedUnlike(await models.load(live), candidate);
    if (differs.length > 0)
      throw new NotPromotable(
        `${name} ${version} cannot shadow ${name} ${live.version}: a shadow classifies the chips that were prepared for the live version, and the two packages differ in: ${differs.join(', ')}. Compare them on files instead: swath model diff, with --data.`,
      );
    const shadow = { version, share, since: at.toISOString(), ...(by !== null && { by }) };
    await writeShadow(bucket, name, shadow);
    return shadow;
  }

  /** Ends the shadow; throws `NotPromotable` where there is none. */
  async function end(): Promise<Shadow> {
    const shadow = await models.shadow();
    if (shadow === null) throw new NotPromotable(`${name} has no shadow, so there is none to end.`);
    await writeShadow(bucket, name, null);
    return shadow;
  }

  return { begin, end };
}
