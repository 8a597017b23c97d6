import { hash } from 'node:crypto';
import * as z from 'zod';
import { keepPromise } from '../base/concurrency/keepPromise.ts';
import {
  InvalidModelPackage,
  insteadOf,
  NoModelPromoted,
  ObjectNotFound,
  ObjectTooLarge,
  onError,
} from '../base/errors.ts';
import { packageKey, promotedKey, SERVING_KEY, shadowKey, trialKey } from '../base/keys.ts';
import { MAX_PACKAGE_TEXT_BYTES, MAX_SERVED_MODELS } from '../base/limits.ts';
import { type ModelRef, modelId } from '../base/messages.ts';
import { isSafeName, safeNameRule } from '../base/names.ts';
import { type Bucket, type ListKeys, nullIfNotFound, type ReadObject } from '../base/objectStore.ts';
import type { ModelPackage } from '../package/package.ts';
import type { ReadPackageFile } from '../package/packageFile.ts';
import { parseObject } from '../package/problems.ts';
import { CARD, type Publication, REMEDY, readPublication } from './publication.ts';
import { askedSchema } from './questions.ts';
import { EVERY_KEY, parseServing, type Served, type Serving, servedAlone } from './serving.ts';
import { parseShadow, type Shadow } from './shadow.ts';

/** Packages take little memory. */
const PACKAGES_KEPT = 2 * MAX_SERVED_MODELS;

/** Previously promoted versions that are kept for `model rollback`. */
export const BEFORE_KEPT = 20;

/** Versions are folders of the model bucket. */
const version = z.string().refine(isSafeName, safeNameRule);

/** All that is known of a promotion. Everything but the version is absent if it was written by hand. */
export const promotedSchema = z.object({
  // The version becomes a folder in keys, so a value that leads elsewhere is invalid, whoever wrote it.
  version,
  /** How many promotions of the model there were with this one; 0 if it was written by hand. */
  nth: z.int().min(0).catch(0),
  promotedAt: z.iso.datetime().nullable().catch(null),
  /** Versions that a rollback goes back to, latest first. This service never writes more than it keeps. */
  before: z
    .array(z.unknown())
    .transform((versions) => versions.slice(0, BEFORE_KEPT))
    .pipe(z.array(version))
    .catch([]),
  replaced: version.nullable().catch(null),
  isRollback: z.boolean().catch(false),
  by: z.string().nullable().catch(null),
  reason: z.string().nullable().catch(null),
  /** The gate's sentences, if it was promoted against them. */
  refusals: z.array(z.string()).optional().catch(undefined),
  /** Which question to the gate it was; absent if the gate tested no data. */
  asked: askedSchema.optional().catch(undefined),
  /** The digest of its files: see publication.ts. */
  digest: z.string().nullable().catch(null),
});

export type Promotion = ModelRef & z.output<typeof promotedSchema>;

/**
 * Reads the model bucket: `<name>/<version>/…`, `<name>/promoted.json`, and `serving.json`, which says what is live.
 * @param name the stage's own model: live unless `serving.json` says otherwise, and the default wherever no model is named
 */
export function makeModels(read: ReadObject, name: string) {
  async function promoted(): Promise<ModelRef> {
    const found = await promotion();
    if (found !== null) return { name, version: found.version };
    throw noneIsPromoted(name);
  }

  async function promotion(of = name): Promise<Promotion | null> {
    const bytes = await readText(promotedKey(of));
    const found = bytes && { name: of, ...parsePromoted(promotedKey(of), bytes) };
    if (found?.digest) pinned.set(packageKey(found, ''), found.digest);
    return found;
  }

  async function shadow(of = name): Promise<Shadow | null> {
    const bytes = await readText(shadowKey(of));
    return bytes && parseShadow(shadowKey(of), bytes);
  }

  /** Returns the models that are served; throws `InvalidModelPackage` when `serving.json` is invalid. */
  async function served(): Promise<Served[]> {
    const bytes = await readText(SERVING_KEY);
    return bytes === null ? servedAlone(name) : parseServing(bytes);
  }

  /** What is live. Problems of a model, or of `serving.json`, are part of the result; transient errors are thrown. */
  async function serving(): Promise<Serving> {
    const own = promotion(); // read at the same time as the rest, because nearly every stage has it
    own.catch(() => {});
    const models = await served().catch(asAnswer);
    if (models instanceof Error) return { live: [], waiting: [{ accepts: EVERY_KEY, error: models }] };
    const serving: Serving = { live: [], waiting: [] };
    const promotions = models.map(({ name: of }) => (of === name ? own : promotion(of)).catch(asAnswer));
    for (const [i, found] of (await Promise.all(promotions)).entries()) {
      const { name: of, ...how } = models[i]!;
      if (found === null) serving.waiting.push({ ...how, error: noneIsPromoted(of) });
      else if (found instanceof Error) serving.waiting.push({ ...how, error: found });
      else serving.live.push({ ...how, model: { name: of, version: found.version } });
    }
    return serving;
  }

  function readText(key: string): Promise<Uint8Array | null> {
    const tooLarge = insteadOf(ObjectTooLarge, (cause) => new InvalidModelPackage(cause.message, { cause }));
    return read(key, MAX_PACKAGE_TEXT_BYTES).catch(nullIfNotFound).catch(tooLarge);
  }

  async function isTrial(model: ModelRef): Promise<boolean> {
    const bytes = await readText(trialKey(model));
    const isBegun = bytes !== null && Buffer.compare(bytes, says(true)) === 0;
    return isBegun && (await promotion(model.name))?.version !== model.version;
  }

  /** What reads packages is loaded with the first one: some functions need none. */
  const load = keepPromise(async (model: ModelRef): Promise<ModelPackage> => {
    const { readModelPackage } = await import('../tasks/readModelPackage.ts');
    return readModelPackage(fileOf(model));
  }, PACKAGES_KEPT);

  /** Digests of the versions that were found to be promoted. */
  const pinned = new Map<string, string>();
  const publicationOf = keepPromise((model: ModelRef) => readPublication(read, model), PACKAGES_KEPT);

  /**
   * Returns how to read a version's files as they were published, or throws `InvalidModelPackage`: one small request more. What
   * was not published is not there. The files of a version without a record are read as they are.
   */
  function fileOf(model: ModelRef): ReadPackageFile {
    const readFile = (file: string, limit?: number) => read(packageKey(model, file), limit);
    /** Read anew where a file does not agree with the record, which stands for good only when its version is complete. */
    const published = async (isAnew: boolean) => {
      const found = await (isAnew ? readPublication(read, model) : publicationOf(model)).catch(nullIfNotFound);
      if (found === null) await promotion(model.name).catch(noneIfInvalid); // which knows whether there was one
      return found;
    };
    const wrong = (file: string, found: string, allowed: string) =>
      new InvalidModelPackage(`${modelId(model)}/${file}: found ${found}, allowed is ${allowed}. ${REMEDY}`);

    async function readAs(publication: Publication | null, file: string, reading: Promise<Uint8Array>) {
      reading.catch(() => {}); // where it is not awaited
      const promoted = pinned.get(packageKey(model, ''));
      if (promoted !== undefined && publication?.digest !== promoted)
        throw wrong('publication.json', publication?.digest ?? 'none', `${promoted}, with which it was promoted`);
      if (publication === null) return reading;
      if (!publication.isWhole) throw wrong('publication.json', 'one that has not come to its end', 'one that has');
      const expected = publication.files[file];
      if (expected === undefined) throw new ObjectNotFound(`${file} is not among the files of ${modelId(model)}.`);
      const allowed = `sha256:${expected}, as published at ${publication.at}`;
      const bytes = await reading.catch(insteadOf(ObjectNotFound, () => wrong(file, 'no such file', allowed)));
      const found = hash('sha256', bytes);
      if (found !== expected) throw wrong(file, `sha256:${found}`, allowed);
      return bytes;
    }

    return async (file, limit) => {
      const reading = readFile(file, limit);
      if (file === CARD) return reading;
      reading.catch(() => {}); // awaited below
      const again = onError(InvalidModelPackage, async () =>
        readAs(await published(true), file, readFile(file, limit)),
      );
      return readAs(await published(false), file, reading).catch(again);
    };
  }

  return { promoted, promotion, shadow, served, serving, isTrial, load, fileOf };
}

const noneIsPromoted = (name: string) => new NoModelPromoted(`No version of the model ${name} is promoted.`);

const asAnswer = onError(InvalidModelPackage, (error) => error);

export const parsePromoted = (key: string, bytes: Uint8Array): Omit<Promotion, 'name'> =>
  parseObject(promotedSchema, key, bytes, '{"version": "<a published version>"}');

export const encodePromoted = ({ name: _, ...promotion }: Promotion): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(promotion));

/** A version that is live without a promotion. */
export const livingAs = ({ name, version }: ModelRef): Promotion => ({ name, ...promotedSchema.parse({ version }) });

/** For callers that can do without a package: one that is gone or unusable is none. */
export const noneIfUnusable = onError([InvalidModelPackage, ObjectNotFound], () => null);

/** For callers that can do without: treats an invalid `promoted.json` like a missing one. */
export const noneIfInvalid = onError(InvalidModelPackage, () => null);

/** Makes the function that lists the published versions of a model in the model bucket, in key order. */
export const versionsIn =
  (list: ListKeys) =>
  async (name: string): Promise<string[]> =>
    (await list(`${name}/`)).flatMap((key) => /^[^/]+\/([^/]+)\/item\.json$/.exec(key)?.[1] ?? []);

/** Returns the models that have a version in the model bucket, by name. */
export const namesIn = async (list: ListKeys): Promise<string[]> =>
  [...new Set((await list('')).flatMap((key) => /^([^/]+)\/[^/]+\/item\.json$/.exec(key)?.[1] ?? []))].sort();

/** A version that someone tries on their files without promoting it is marked as a trial until it is promoted. */

const says = (isTrial: boolean) => new TextEncoder().encode(`${JSON.stringify({ isTrial })}\n`);

export async function beginTrial(bucket: Pick<Bucket, 'write'>, model: ModelRef): Promise<void> {
  await bucket.write(trialKey(model), says(true));
}

/** Writes nothing if no trial has begun. */
export async function endTrial(bucket: Pick<Bucket, 'list' | 'write'>, model: ModelRef): Promise<void> {
  const key = trialKey(model);
  if ((await bucket.list(key)).includes(key)) await bucket.write(key, says(false));
}
