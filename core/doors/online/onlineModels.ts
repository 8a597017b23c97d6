import type * as z from 'zod';
import { keepPromise } from '../../base/concurrency/keepPromise.ts';
import { keptFor } from '../../base/concurrency/keptFor.ts';
import { citedStart, isUnusable } from '../../base/errors.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../../base/limits.ts';
import type { ModelRef } from '../../base/messages.ts';
import { isSafeName } from '../../base/names.ts';
import type { ModelPackage } from '../../package/package.ts';
import { readStoredSample } from '../../package/packageFile.ts';
import type { Models } from '../../releases/contract.ts';
import { Problem } from './http.ts';
import type { modelBody } from './schemas.ts';

/** How long a promotion may go unnoticed, and the start or end of a shadow. */
export const KEPT_MILLISECONDS = 2000;

export type OnlineModelsPorts = {
  models: Pick<Models, 'serving' | 'promotion' | 'load' | 'fileOf'>;
  listVersions: (name: string) => Promise<readonly string[]>;
};

export type OnlineModels = ReturnType<typeof makeOnlineModels>;

export function makeOnlineModels({ models, listVersions }: OnlineModelsPorts) {
  const promotion = keptFor(KEPT_MILLISECONDS, models.promotion);
  const serving = keptFor<void, Awaited<ReturnType<Models['serving']>>>(KEPT_MILLISECONDS, models.serving);

  const live = async (): Promise<ModelRef[]> =>
    (await serving()).live.map(({ model: { name, version } }) => ({ name, version }));

  /** Returns a version, by default the promoted one. Throws `Problem` with 404 and the models that there are. */
  async function find(name: string, asked: string | null): Promise<ModelRef> {
    const isName = isSafeName(name) && (asked === null || isSafeName(asked));
    const version = asked ?? (isName ? ((await promotion(name))?.version ?? null) : null);
    if (!isName || version === null) throw await unknown(name, asked);
    try {
      await models.load({ name, version });
      return { name, version };
    } catch (error) {
      if (!isUnusable(error)) throw error;
      if (!(await listVersions(name)).includes(version)) throw await unknown(name, version);
      throw new Problem(500, `The package of ${name} ${version} cannot be read: ${error.message}`, {}, 'not_loaded');
    }
  }

  async function unknown(name: string, version: string | null): Promise<Problem> {
    const versions = isSafeName(name) ? await listVersions(name) : [];
    const named = (await live()).map((one) => `${one.name} ${one.version}`);
    const there = named.length === 0 ? 'No model is live.' : `Live are: ${named.join(', ')}.`;
    if (versions.length === 0) return new Problem(404, `There is no model ${citedStart(name, 100)}. ${there}`);
    const none =
      version === null
        ? `No version of ${name} is promoted`
        : `There is no version ${citedStart(version, 100)} of ${name}`;
    return new Problem(
      404,
      `${none}. Published are: ${versions.join(', ')}; name one with ?version=, or in a path of /v2. ${there}`,
    );
  }

  async function describe(ref: ModelRef): Promise<z.infer<typeof modelBody>> {
    const [model, own, versions, item] = await Promise.all([
      models.load(ref),
      promotion(ref.name),
      listVersions(ref.name),
      models.fileOf(ref)('item.json', MAX_PACKAGE_TEXT_BYTES),
    ]);
    const classes = model.classes.map(({ name, value, title }) => ({ name, value, title: title ?? name }));
    const isLive = (await live()).some(({ name, version }) => name === ref.name && version === ref.version);
    return {
      name: ref.name,
      version: ref.version,
      isLive,
      promoted: own?.version ?? null,
      versions: [...versions],
      task: model.task.name,
      input: inputOf(model),
      output: { classes, isOfPixels: model.output.pixels !== null },
      item: JSON.parse(new TextDecoder().decode(item)) as unknown,
    };
  }

  /** Returns the sample of a model's package as stored; null if it has none. Throws as `readStoredSample` does. */
  const sampleOf = keepPromise((ref: ModelRef) => readStoredSample(models.fileOf(ref)));

  return { live, find, describe, sampleOf };
}

function inputOf({ source, tensor, isOfPictures, text }: ModelPackage) {
  const { height, width, bands } = source;
  const ofNumbers = tensor.dimensions.includes('height') ? ['image', 'bands', 'values', 's3'] : ['values', 'bands'];
  return {
    height,
    width,
    bands: text ? [] : bands.map(({ name, dataType, physical }) => ({ name, dataType: physical?.stored ?? dataType })),
    isPicture: isOfPictures === true,
    kinds: text ? [text.columns.length === 1 ? 'text' : 'texts'] : ofNumbers,
  };
}
