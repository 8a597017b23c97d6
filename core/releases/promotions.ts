import {
  attempt,
  InvalidModelPackage,
  NotPromotable,
  onError,
  RefusedByGate,
  TransientTrouble,
} from '../base/errors.ts';
import { packageKey, promotedKey, publicationKey } from '../base/keys.ts';
import { isSafeName } from '../base/names.ts';
import { type Bucket, nullIfNotFound } from '../base/objectStore.ts';
import { readArtifact } from '../inference/artifact.ts';
import type { Refusal } from '../package/gateRules.ts';
import { notesOnChange, warningsOn } from '../package/notes.ts';
import type { ModelPackage } from '../package/package.ts';
import { modelFiles, type Sample } from '../package/packageFile.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { TRIES } from './changeServing.ts';
import type { Promoted, PromoteNote, Promotions, RollbackNote, Runnable } from './contract.ts';
import { assertMaskLives } from './maskModel.ts';
import type { Promotion } from './models.ts';
import { BEFORE_KEPT, encodePromoted, endTrial, makeModels, noneIfInvalid, parsePromoted } from './models.ts';
import { questionsAbout, recordLive, recordRefusal } from './promotionHistory.ts';
import { encodePublication, fileDigests, publicationOf, readPublication } from './publication.ts';
import { contentsOf } from './publishPackage.ts';
import { type Asked, questionText } from './questions.ts';
import { endShadowOf } from './shadow.ts';

/** Has onnxruntime classify a batch, and the sample if given. Throws `InvalidModelPackage` on failure or mismatch. */
export type TryModel = (model: ModelPackage, onnx: Uint8Array, sample?: Sample | null) => Promise<unknown>;

/** Why a version must not replace the live one, empty if it may; and the question that was answered by a test, if any was. */
export type Judged = { refusals: Refusal[]; asked?: Asked };

/** Judges a version; `former` reads the questions that were asked about it before. */
export type Gate = (candidate: ModelPackage, live: Promotion, former: () => Promise<Asked[]>) => Promise<Judged>;

const OPEN: Judged = { refusals: [] };
const noGate: Gate = async () => OPEN;

/**
 * Promotes published versions of a model: the promoted one classifies all that arrives from then on. Objects may have come
 * into the bucket in any way, so each version is tried before it is promoted.
 *
 * One write decides: `promoted.json` is replaced if it is still what was read, and says all that is known of the promotion.
 * What follows from it (its record in the history, the end of its shadow and trial) is done after that, and again by whoever
 * promotes next, so a writer may die anywhere.
 *
 * @param gate returns why a version may not be promoted; by default, every version that runs may be
 */
export function makePromotions(bucket: Bucket, name: string, tryModel: TryModel, gate = noGate): Promotions {
  const models = makeModels(bucket.read, name);

  /** @throws {InvalidModelPackage} when it is incomplete, or not what was published */
  async function loadWhole(version: string) {
    const ref = { name, version };
    const model = await readModelPackage(models.fileOf(ref)); // read afresh, not from the cache
    for (const file of modelFiles(model)) {
      const key = packageKey(ref, file);
      if (!(await bucket.list(key)).includes(key))
        throw new InvalidModelPackage(`${file}: found no such file, item.json names it`);
    }
    return model;
  }

  /**
   * Promotes a version that is complete, runs and passes the gate, or overrides it with `anyway`. If somebody else is faster,
   * the gate is asked again, about the version that is live then. Refusals are recorded as well.
   */
  async function promote(version: string, at: Date, { anyway, over, ...note }: PromoteNote = {}): Promise<Promoted> {
    let runnable: Runnable | undefined;
    let faster: Promotion | null = null;
    for (let left = TRIES; left > 0; left -= 1) {
      const { live, object } = await read(noneIfInvalid); // an invalid one is overwritten
      const last = await settle(live);
      if (left < TRIES) faster = live;
      if (live?.version === version) return { ...live, wasPromoted: true, faster, notes: [] };
      if (over !== undefined && (live?.nth !== over.nth || live.version !== over.version))
        throw new NotPromotable(`${name} ${version} is not promoted: ${told(live)} meanwhile.`);
      runnable ??= await assertRunnable(version, 'cannot be promoted', at);
      const { model, digest, notes } = runnable;
      const judged = live === null ? OPEN : await gate(model, live, () => questionsAbout(bucket, { name, version }));
      const refusals = judged.refusals.map(({ sentence }) => sentence);
      const asked = judged.asked && { asked: judged.asked };
      const replaced = live?.version ?? null;
      const [by, reason] = [note.by ?? null, anyway ?? note.reason ?? null];
      if (refusals.length > 0 && anyway === undefined) {
        const refused = { at: at.toISOString(), version, before: replaced, by, reason, refusals, ...asked };
        await recordRefusal(bucket, name, last, { ...refused, isRefused: true });
        const meanwhile = faster === null ? '' : ` ${told(faster)} while this was checked.`;
        const which = judged.asked === undefined ? '' : ` The gate was asked ${questionText(judged.asked)}.`;
        throw new RefusedByGate(`${name} ${version} is not promoted, ${replaced} stays.${meanwhile}${which}`, refusals);
      }
      const former = live && (await models.load(live).catch(onError(Error, () => null))); // for a note
      const changes = former === null ? [] : notesOnChange(model, former);
      const before = live === null ? [] : [live.version, ...live.before];
      const kept = { before: before.slice(0, BEFORE_KEPT), replaced };
      const said = { by, reason, ...(refusals.length > 0 && { refusals }), ...asked };
      const about = { name, version, nth: last + 1, promotedAt: at.toISOString(), isRollback: false, digest };
      const written = await replace(object, { ...about, ...kept, ...said });
      if (written !== null) return { ...written, wasPromoted: false, faster, notes: [...notes, ...changes] };
    }
    throw new TransientTrouble(`${promotedKey(name)} was changed ${TRIES} times by others meanwhile. Try it again.`);
  }

  /**
   * Promotes the previously promoted version, and forgets the current one. The gate is not asked, because a rollback must
   * always be possible. If somebody else is faster, nothing is done: to go back from theirs would be another rollback.
   */
  async function rollback(at: Date, { by = null, reason = null, seen }: RollbackNote = {}): Promise<Promoted> {
    const { live, object } = await read();
    const [version, ...before] = live?.before ?? [];
    if (live === null) throw new NotPromotable(`No version of ${name} is promoted, so there is nothing to go back to.`);
    const last = await settle(live);
    if (seen !== undefined && (seen.from !== live.version || seen.to !== version)) throw tooLate(seen, live);
    if (version === undefined)
      throw new NotPromotable(
        `Nothing is known of a version that was promoted before ${name} ${live.version}. Promote the one that you want by its version.`,
      );
    const { digest, notes } = await assertRunnable(version, 'cannot be promoted', at);
    const about = { name, version, nth: last + 1, promotedAt: at.toISOString(), isRollback: true, digest };
    const written = await replace(object, { ...about, before, replaced: live.version, by, reason });
    if (written !== null) return { ...written, wasPromoted: false, faster: null, notes };
    throw tooLate({ from: live.version, to: version }, (await read(noneIfInvalid)).live);
  }

  function tooLate({ from, to }: { from: string; to: string }, live: Promotion | null): NotPromotable {
    return new NotPromotable(
      `${name} does not go back from ${from} to ${to}: ${told(live)} meanwhile. Look at "swath model history", and roll back again if that is what you want.`,
    );
  }

  /** Returns what is promoted, and the version of the object that says so. */
  async function read(ifInvalid = onError([], (): Promotion | null => null)) {
    const key = promotedKey(name);
    const found = await bucket.readVersion(key);
    if (found === null) return { live: null, object: null };
    return { live: attempt(() => ({ name, ...parsePromoted(key, found.bytes) }), ifInvalid), object: found.version };
  }

  /** Makes a promotion the live one, unless another one has become that since; then returns null. */
  async function replace(object: string | null, promotion: Promotion): Promise<Promotion | null> {
    const bytes = encodePromoted(promotion);
    const written = await bucket.replaceVersion(promotedKey(name), bytes, object);
    if (written === null) {
      // The answer to a write may be lost, and the SDK then finds its own.
      const there = await bucket.readVersion(promotedKey(name));
      if (there === null || Buffer.compare(there.bytes, bytes) !== 0) return null;
    }
    await settle(promotion).catch(() => {}); // it is live; whoever promotes next does the rest
    return promotion;
  }

  /** Does what follows from the live promotion, unless it is done; returns the number of the last one in the history. */
  async function settle(live: Promotion | null): Promise<number> {
    const last = await recordLive(bucket, live, name);
    if (live !== null) await endTrial(bucket, live);
    if (live !== null) await endShadowOf(bucket, live);
    return last;
  }

  function told(live: Promotion | null): string {
    if (live === null) return `${promotedKey(name)} was removed`;
    const { version, replaced, isRollback, by, promotedAt } = live;
    const what = isRollback ? `went back to ${version}` : `promoted ${version}`;
    return `${by ?? 'somebody'} ${what}${replaced === null ? '' : ` in the place of ${replaced}`} at ${promotedAt ?? 'an unknown time'}`;
  }

  /**
   * Returns a published version that is complete and runs, and the digest of its files. One that came into the bucket by
   * other means gets a record of them, so that they stay what they are.
   */
  async function assertRunnable(version: string, whatNot: string, at: Date): Promise<Runnable> {
    const ref = { name, version };
    const refuse = (why: string, cause?: unknown): never => {
      throw new NotPromotable(`${name} ${version} ${whatNot}: ${why}.`, { cause });
    };
    // A version that is not a safe name would list another folder.
    const isPublished = isSafeName(version) && (await bucket.list(packageKey(ref, ''))).length > 0;
    if (!isPublished) refuse('it is not published');
    const refuseAs = (what: string) =>
      onError(InvalidModelPackage, (error) =>
        refuse(`what is published under that version ${what}: ${error.message.replace(/\.$/, '')}`, error),
      );
    const model = await loadWhole(version).catch(refuseAs('is not whole'));
    if (model.name !== name || model.version !== version)
      refuse(`what is published under that version is ${model.name} ${model.version}, as its item.json has it`);
    await assertMaskLives(models, model).catch(refuseAs('cannot run'));
    const contents = await contentsOf(models.fileOf(ref), model).catch(refuseAs('is not whole'));
    const onnx = readArtifact(async (file) => contents.get(file)!, model);
    await onnx.then((bytes) => tryModel(model, bytes)).catch(refuseAs('cannot run'));
    const notes = warningsOn(JSON.parse(new TextDecoder().decode(contents.get('reference.json'))));
    const published = await readPublication(bucket.read, ref).catch(nullIfNotFound);
    if (published !== null) return { model, digest: published.digest, notes };
    const found = publicationOf(fileDigests(contents), at, null, null);
    const bytes = encodePublication({ ...found, isWhole: true });
    if ((await bucket.replaceVersion(publicationKey(ref), bytes, null)) === null)
      throw new TransientTrouble(`${name} ${version} is being published. Try it again.`);
    return { model, digest: found.digest, notes };
  }

  return { promote, rollback, loadWhole, assertRunnable, settle: async () => settle((await read(noneIfInvalid)).live) };
}
