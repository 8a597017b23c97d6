import { NotPromotable } from '../errors.ts';
import type { Bucket } from '../objectStore.ts';
import { makeModels } from './models.ts';
import { preparedUnlike } from './preparesAlike.ts';
import { makePromotions, type TryModel } from './promotions.ts';
import { assertShare, type Shadow, writeShadow } from './shadow.ts';

/** Starts and ends a model's shadow. There is one at a time, so that it costs at most as much as the model itself. */
export function makeShadowing(bucket: Bucket, name: string, tryModel: TryModel) {
  const models = makeModels(bucket.read, name);
  const { assertRunnable } = makePromotions(bucket, name, tryModel);

  /**
   * Makes a published version shadow the live one, in place of any other shadow.
   *
   * @param by who starts it, if known
   * @throws {NotPromotable} when it is the live version, is incomplete or does not run, needs differently prepared chips,
   *   or the share is invalid
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

  /** Ends the shadow; throws `NotPromotable` if there is none. */
  async function end(): Promise<Shadow> {
    const shadow = await models.shadow();
    if (shadow === null) throw new NotPromotable(`${name} has no shadow, so there is none to end.`);
    await writeShadow(bucket, name, null);
    return shadow;
  }

  return { begin, end };
}
