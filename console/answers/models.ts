import * as z from 'zod';
import { InvalidModelPackage, jsonIn, ObjectNotFound, ObjectTooLarge, onError } from '../../core/base/errors.ts';
import { packageKey } from '../../core/base/keys.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../../core/base/limits.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import { isSafeName } from '../../core/base/names.ts';
import { modelFiles } from '../../core/package/packageFile.ts';
import type { Summed } from '../../core/package/task.ts';
import { versionActivity } from '../../core/releases/comparison/versionActivity.ts';
import { namesIn, noneIfInvalid } from '../../core/releases/models.ts';
import { readPromotions } from '../../core/releases/promotionHistory.ts';
import { rightnessOf, shownOf } from '../../core/tasks/shownRegistry.ts';
import { Refused } from '../answer.ts';
import type { ModelVersions } from '../api.ts';
import { parseMarkdown } from '../markdown.ts';
import type { NewestRuns } from '../newestRuns.ts';
import type { Service } from '../service.ts';

/** As many promotions are read, and attempts that were refused. */
export const HISTORY = 50;

export const modelsQuery = z.object({ name: z.string().refine(isSafeName, 'the name of a model').optional() });

type Ports = Pick<Service, 'models' | 'modelBucket' | 'listVersions' | 'findModelFile'> & { newestRuns: NewestRuns };

/** A model's versions: which one is live, their runs and model cards. Throws `Refused` with 404 for a model without versions. */
export async function modelsOf(ports: Ports, own: string, name: string): Promise<ModelVersions> {
  const { models, modelBucket, listVersions, newestRuns } = ports;
  const [known, promotion, shadow, versions, served, history, newest] = await Promise.all([
    namesIn(modelBucket.list),
    models.promotion(name).catch(noneIfInvalid),
    models.shadow(name).catch(noneIfInvalid),
    listVersions(name),
    models.served().catch(noneIfInvalid),
    readPromotions(modelBucket, name, HISTORY),
    newestRuns.read({ of: name }),
  ]);
  if (name !== own && !known.includes(name)) throw new Refused(404, `No version of the model ${name} is published.`);
  const activityOf = versionActivity(newest.rows);
  const how = served?.find((one) => one.name === name);
  return {
    name,
    names: [...new Set([own, ...known])],
    served: how === undefined ? null : { accepts: how.accepts, since: how.since },
    promotedAt: promotion?.promotedAt ?? null,
    before: promotion?.before[0] ?? null,
    versions: await Promise.all(
      versions.map(async (version) => {
        const model = { name, version };
        const { sum, ...activity } = activityOf(model);
        return {
          version,
          isLive: promotion?.version === version,
          shadowShare: shadow?.version === version && promotion?.version !== version ? shadow.share : null,
          ...activity,
          ...(await described(ports, model, sum)),
        };
      }),
    ),
    history,
    isMore: newest.cut.includes('DONE'),
  };
}

async function described({ models, findModelFile }: Ports, model: ModelRef, sum: Summed | null) {
  const file = async (path: string) => {
    const bytes = await models.fileOf(model)(path, MAX_PACKAGE_TEXT_BYTES).catch(noneToShow);
    return bytes && new TextDecoder().decode(bytes);
  };
  const [card, item, itemFile] = await Promise.all([
    file('README.md'),
    file('item.json'),
    findModelFile(packageKey(model, 'item.json')),
  ]);
  const about = {
    // Of what is no Item, the package's problem says more.
    title: titledSchema.safeParse(jsonIn(item ?? '')).data?.properties.title ?? `${model.name} ${model.version}`,
    card: card === null ? null : parseMarkdown(card),
    publishedAt: itemFile?.lastModified ?? null,
  };
  const loaded = await models.load(model).catch(onError(InvalidModelPackage, ({ message: problem }) => ({ problem })));
  const none = { task: null, classes: [], bands: [], bytes: null, rightness: null, figures: [] };
  if ('problem' in loaded) return { ...about, ...none, ...loaded };
  const { task, classes, bands } = loaded;
  const found = await Promise.all(modelFiles(loaded).map((name) => findModelFile(packageKey(model, name))));
  return {
    ...about,
    task: task.name,
    classes: classes.map(({ name }) => name),
    bands: bands.map(({ name }) => name),
    problem: null,
    bytes: found.includes(null) ? null : found.reduce((sum, one) => sum + (one?.size ?? 0), 0),
    rightness: sum && rightnessOf(sum, loaded),
    figures: sum === null ? [] : shownOf(loaded).brief(sum),
  };
}

const noneToShow = onError([ObjectNotFound, ObjectTooLarge], () => null);

/** `properties.title` of a STAC Item, which the service itself does not use. */
const titledSchema = z.object({ properties: z.object({ title: z.string().min(1) }) });
