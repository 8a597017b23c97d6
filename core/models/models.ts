import * as z from 'zod';
import { cited } from '../cited.ts';
import { InvalidModelPackage, NoModelPromoted, ObjectNotFound, ObjectTooLarge } from '../errors.ts';
import { packageKey, promotedKey, SERVING_KEY, shadowKey, trialKey } from '../keys.ts';
import { MAX_PACKAGE_TEXT_BYTES, MAX_SERVED_MODELS } from '../limits.ts';
import type { ModelRef } from '../messages.ts';
import type { ReadObject } from '../objectStore.ts';
import { isSafeName, safeNameRule } from './names.ts';
import type { ModelPackage } from './package.ts';
import { readModelPackage } from './readPackage.ts';
import { EVERY_KEY, parseServing, type Served, type Serving, servedAlone } from './serving.ts';
import { parseShadow, type Shadow } from './shadow.ts';
import { saysTrial } from './trial.ts';

/** So many sessions a container keeps; more than two are in use only while a promotion is under way. */
const KEPT = 3;
/** Packages take no room to speak of. */
const PACKAGES_KEPT = 2 * MAX_SERVED_MODELS;

/** So many versions that were promoted before are kept, for `model rollback`. */
export const BEFORE_KEPT = 20;

/** Versions are folders of the model bucket. */
const version = z.string().refine(isSafeName, safeNameRule);

export const promotedSchema = z.object({
  // It becomes a folder of keys: one that leads elsewhere is no version, whoever wrote it.
  version,
  promotedAt: z.iso.datetime().nullable().catch(null), // for people; one that was written by hand may have none
  // One of an older release, or written by hand, may have none. More than are kept were not written here.
  before: z
    .array(z.unknown())
    .transform((versions) => versions.slice(0, BEFORE_KEPT))
    .pipe(z.array(version))
    .catch([]),
});

/** The version that is promoted, since when, where that is known, and the versions before it, the latest first. */
export type Promotion = ModelRef & { promotedAt: string | null; before: string[] };

export type Models = ReturnType<typeof makeModels>;

/**
 * The model bucket: `<name>/<version>/…`, `<name>/promoted.json`, and `serving.json`, which says what is live.
 *
 * @param name the stage's own model: it is live where `serving.json` says nothing else, and the one that is meant where
 * nobody names another
 */
export function makeModels(read: ReadObject, name: string) {
  /** The version of the stage's own model that is promoted now. */
  async function promoted(): Promise<ModelRef> {
    const model = await promotedOrNone();
    if (model !== null) return model;
    throw noneIsPromoted(name);
  }

  async function promotedOrNone(): Promise<ModelRef | null> {
    const found = await promotion();
    return found && { name, version: found.version };
  }

  async function promotion(of = name): Promise<Promotion | null> {
    const bytes = await readText(promotedKey(of));
    return bytes && { name: of, ...parsePromoted(promotedKey(of), bytes) };
  }

  /** The version that shadows a model's live one; null where none does. */
  async function shadow(of = name): Promise<Shadow | null> {
    const bytes = await readText(shadowKey(of));
    return bytes && parseShadow(shadowKey(of), bytes);
  }

  /** The models that are served; throws `InvalidModelPackage` where `serving.json` says nothing. */
  async function served(): Promise<Served[]> {
    const bytes = await readText(SERVING_KEY);
    return bytes === null ? servedAlone(name) : parseServing(bytes);
  }

  /** What is live now. What is wrong with one model, or with `serving.json`, it answers; it throws for trouble alone. */
  async function serving(): Promise<Serving> {
    const own = promotion(); // with the rest at once, as it is the one that nearly every stage has
    own.catch(() => {});
    const models = await served().catch(asAnswer);
    if (models instanceof Error) return { live: [], waiting: [{ accepts: EVERY_KEY, error: models }] };
    const serving: Serving = { live: [], waiting: [] };
    const asked = models.map(({ name: of }) => (of === name ? own : promotion(of)).catch(asAnswer));
    for (const [i, found] of (await Promise.all(asked)).entries()) {
      const { name: of, ...how } = models[i]!;
      if (found === null) serving.waiting.push({ ...how, error: noneIsPromoted(of) });
      else if (found instanceof Error) serving.waiting.push({ ...how, error: found });
      else serving.live.push({ ...how, model: { name: of, version: found.version } });
    }
    return serving;
  }

  async function readText(key: string): Promise<Uint8Array | null> {
    try {
      return await read(key, MAX_PACKAGE_TEXT_BYTES);
    } catch (error) {
      if (error instanceof ObjectNotFound) return null;
      if (error instanceof ObjectTooLarge) throw new InvalidModelPackage(error.message, { cause: error });
      throw error;
    }
  }

  /** Whether a version was tried by somebody and never promoted since: what it says of a file is no part of the service's days. */
  async function isTrial(model: ModelRef): Promise<boolean> {
    const bytes = await readText(trialKey(model));
    return bytes !== null && saysTrial(bytes);
  }

  /** A package, read and checked once per container. */
  const load = keepPromise((model: ModelRef): Promise<ModelPackage> => readModelPackage(fileOf(model)), PACKAGES_KEPT);

  function fileOf(model: ModelRef) {
    return (file: string, limit?: number) => read(packageKey(model, file), limit);
  }

  return { promoted, promotedOrNone, promotion, shadow, served, serving, isTrial, load, fileOf };
}

function noneIsPromoted(name: string): NoModelPromoted {
  return new NoModelPromoted(`No version of the model ${name} is promoted: ${promotedKey(name)} does not exist.`);
}

function asAnswer(error: unknown): InvalidModelPackage {
  if (error instanceof InvalidModelPackage) return error;
  throw error;
}

/** What `promoted.json` says; throws `InvalidModelPackage` where it says nothing. */
export function parsePromoted(key: string, bytes: Uint8Array): Omit<Promotion, 'name'> {
  const text = new TextDecoder().decode(bytes);
  try {
    return promotedSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new InvalidModelPackage(
      `${key}: found ${cited(JSON.stringify(text.slice(0, 100)))}, allowed is {"version": "<a published version>"}`,
      { cause },
    );
  }
}

/** For those who can do without: a `promoted.json` that says nothing is as good as none. */
export function noneIfInvalid(error: unknown): null {
  if (error instanceof InvalidModelPackage) return null;
  throw error;
}

/**
 * Keeps what so many model versions were loaded into, those that were asked for last; a failed load is forgotten, so that the next
 * call tries again.
 *
 * @param onForget hears of what is not kept any more
 */
export function keepPromise<Value>(
  load: (model: ModelRef) => Promise<Value>,
  most = KEPT,
  onForget: (value: Value) => void = () => {},
) {
  const kept = new Map<string, Promise<Value>>();
  return (model: ModelRef): Promise<Value> => {
    const id = packageKey(model, '');
    const found = kept.get(id);
    if (found !== undefined) {
      kept.delete(id);
      kept.set(id, found); // the last, of those that are kept
      return found;
    }
    const loading = load(model);
    kept.set(id, loading);
    loading.catch(() => kept.delete(id));
    const [[oldest, forgotten] = []] = kept;
    if (kept.size > most && oldest !== undefined) {
      kept.delete(oldest);
      forgotten?.then(onForget, () => {});
    }
    return loading;
  };
}
