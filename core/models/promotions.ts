import { InvalidModelPackage, NotPromotable, RefusedByGate } from '../errors.ts';
import { packageKey, promotedKey } from '../keys.ts';
import type { ModelRef } from '../messages.ts';
import type { Bucket } from '../objectStore.ts';
import type { Refusal } from './gateRules.ts';
import { BEFORE_KEPT, makeModels, noneIfInvalid, type Promotion } from './models.ts';
import { isSafeName } from './names.ts';
import type { ModelPackage } from './package.ts';
import { type PromotionNote, type PromotionRecord, recordPromotion } from './promotionHistory.ts';
import { readModelPackage, readOnnxFile } from './readPackage.ts';
import type { Sample } from './sample.ts';
import { endShadowOf } from './shadow.ts';
import { endTrial } from './trial.ts';

/** A promotion as it stands now; `wasPromoted` if nothing had to change. */
export type Promoted = Promotion & { wasPromoted: boolean };

/**
 * Loads a model with onnxruntime and classifies a batch, and the package's sample if given. Throws `InvalidModelPackage`
 * when the model fails, or predicts something else for the sample.
 */
export type TryModel = (model: ModelPackage, onnx: Uint8Array, sample?: Sample | null) => Promise<void>;

/** Returns why a version must not replace the live one; empty if it may. */
export type Gate = (candidate: ModelPackage, live: ModelRef) => Promise<Refusal[]>;

/** Who promotes, and why; `anyway` is the reason for overriding the gate. */
export type PromoteNote = PromotionNote & { anyway?: string | undefined };

type Replaced = PromotionNote & Pick<PromotionRecord, 'isRollback' | 'before' | 'refusals'>;

/**
 * Promotes published versions of a model: the promoted one classifies all that arrives from then on. Objects may have come
 * into the bucket in any way, so each version is tried before it is promoted.
 *
 * @param gate returns why a version may not be promoted; by default, every version that runs may be
 */
export function makePromotions(bucket: Bucket, name: string, tryModel: TryModel, gate: Gate = async () => []) {
  const models = makeModels(bucket.read, name);

  /** Loads a version from the bucket; throws `InvalidModelPackage` when it is incomplete. */
  async function loadWhole(version: string) {
    const ref = { name, version };
    const model = await readModelPackage(models.fileOf(ref)); // read afresh, not from the cache
    const key = packageKey(ref, model.onnxFile);
    if (!(await bucket.list(key)).includes(key))
      throw new InvalidModelPackage(`${model.onnxFile}: found no such file, item.json names it`);
    return model;
  }

  /**
   * Promotes a version that is complete, runs and passes the gate, or overrides it with `anyway`. `promoted.json` is a
   * single object, so every run sees either the one version or the other. Refusals are recorded as well.
   *
   * @throws {NotPromotable} when it cannot run
   * @throws {RefusedByGate} with a sentence for each rule
   */
  async function promote(version: string, at: Date, { anyway, ...note }: PromoteNote = {}): Promise<Promoted> {
    const current = await models.promotion().catch(noneIfInvalid); // an invalid one is overwritten
    if (current?.version === version) return { ...current, wasPromoted: true };
    const model = await assertRunnable(version, 'cannot be promoted');
    const refusals = current === null ? [] : (await gate(model, current)).map(({ sentence }) => sentence);
    const replaced = { before: current?.version ?? null, by: note.by ?? null, reason: anyway ?? note.reason ?? null };
    if (refusals.length > 0 && anyway === undefined) {
      const refused = { ...replaced, at: at.toISOString(), version, isRefused: true, refusals } as const;
      await recordPromotion(bucket, name, refused);
      throw new RefusedByGate(`${name} ${version} is not promoted, ${current?.version} stays.`, refusals);
    }
    const how = { ...replaced, isRollback: false, ...(refusals.length > 0 && { refusals }) };
    return write(version, at, current === null ? [] : [current.version, ...current.before], how);
  }

  /**
   * Promotes the previously promoted version, and forgets the current one. The gate is not asked, because a rollback must
   * always be possible.
   */
  async function rollback(at: Date, note: PromotionNote = {}): Promise<Promoted> {
    const current = await models.promotion();
    const [version, ...before] = current?.before ?? [];
    if (current === null)
      throw new NotPromotable(`No version of ${name} is promoted, so there is nothing to go back to.`);
    if (version === undefined)
      throw new NotPromotable(
        `Nothing is known of a version that was promoted before ${name} ${current.version}. Promote the one that you want by its version.`,
      );
    await assertRunnable(version, 'cannot be promoted');
    return write(version, at, before, { ...note, isRollback: true, before: current.version });
  }

  /**
   * Returns a published version that is complete and runs.
   *
   * @param whatNot what the version cannot do otherwise, for the error: `cannot be promoted`
   * @throws {NotPromotable} when it is not published, incomplete, or does not run
   */
  async function assertRunnable(version: string, whatNot: string): Promise<ModelPackage> {
    const refuse = (why: string, cause?: unknown): never => {
      throw new NotPromotable(`${name} ${version} ${whatNot}: ${why}.`, { cause });
    };
    // A version that is not a safe name would list another folder.
    const isPublished = isSafeName(version) && (await bucket.list(packageKey({ name, version }, ''))).length > 0;
    if (!isPublished) refuse('it is not published');
    const refuseAs = (what: string) => (error: unknown) => {
      if (!(error instanceof InvalidModelPackage)) throw error;
      return refuse(`what is published under that version ${what}: ${error.message}`, error);
    };
    const model = await loadWhole(version).catch(refuseAs('is not whole'));
    if (model.name !== name || model.version !== version)
      refuse(`what is published under that version is ${model.name} ${model.version}, as its item.json has it`);
    const onnx = await readOnnxFile(models.fileOf({ name, version }), model).catch(refuseAs('is not whole'));
    await tryModel(model, onnx).catch(refuseAs('cannot run'));
    return model;
  }

  /** Records the promotion before it takes effect, so that no version classifies without a record of who promoted it. */
  async function write(version: string, at: Date, before: string[], replaced: Replaced): Promise<Promoted> {
    const promoted = { version, promotedAt: at.toISOString(), before: before.slice(0, BEFORE_KEPT) };
    const { by = null, reason = null, ...what } = replaced;
    await recordPromotion(bucket, name, { at: promoted.promotedAt, version, ...what, by, reason });
    await endTrial(bucket, { name, version });
    await endShadowOf(bucket, { name, version });
    await bucket.write(promotedKey(name), new TextEncoder().encode(JSON.stringify(promoted)));
    return { name, ...promoted, wasPromoted: false };
  }

  return { promote, rollback, loadWhole, assertRunnable };
}
