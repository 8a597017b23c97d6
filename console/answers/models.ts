import { InvalidModelPackage, ObjectNotFound, ObjectTooLarge } from '../../core/errors.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../../core/limits.ts';
import type { ModelRef } from '../../core/messages.ts';
import { noneIfInvalid } from '../../core/models/models.ts';
import type { ModelVersions } from '../api.ts';
import { blocksOf } from '../markdown.ts';
import type { Service } from '../service.ts';

/** The model's versions, which one is live, and what each one says of itself. */
export async function modelsOf(
  { models, listVersions }: Pick<Service, 'models' | 'listVersions'>,
  name: string,
): Promise<ModelVersions> {
  const [live, shadow, versions] = await Promise.all([
    models.promotedOrNone().catch(noneIfInvalid),
    models.shadow().catch(noneIfInvalid),
    listVersions(),
  ]);
  return {
    name,
    versions: await Promise.all(
      versions.map(async (version) => ({
        version,
        isLive: live?.version === version,
        shadowShare: shadow?.version === version ? shadow.share : null,
        ...(await described(models, { name, version })),
      })),
    ),
  };
}

type Described = Omit<ModelVersions['versions'][number], 'version' | 'isLive' | 'shadowShare'>;

async function described(models: Service['models'], model: ModelRef): Promise<Described> {
  const file = async (path: string) => {
    const bytes = await models.fileOf(model)(path, MAX_PACKAGE_TEXT_BYTES).catch(noneToShow);
    return bytes && new TextDecoder().decode(bytes);
  };
  const [card, item] = await Promise.all([file('README.md'), file('item.json')]);
  const about = {
    title: titleIn(item) ?? `${model.name} ${model.version}`,
    card: card === null ? null : blocksOf(card),
  };
  try {
    const { task, classes, bands } = await models.load(model);
    return {
      ...about,
      task,
      classes: classes.map(({ name }) => name),
      bands: bands.map(({ name }) => name),
      problem: null,
    };
  } catch (error) {
    if (!(error instanceof InvalidModelPackage)) throw error;
    return { ...about, task: null, classes: [], bands: [], problem: error.message };
  }
}

function noneToShow(error: unknown): null {
  if (error instanceof ObjectNotFound || error instanceof ObjectTooLarge) return null;
  throw error;
}

/** `properties.title` of a STAC Item, which the service itself has no use for. */
function titleIn(item: string | null): string | null {
  try {
    const title: unknown = JSON.parse(item ?? '').properties?.title;
    return typeof title === 'string' && title !== '' ? title : null;
  } catch {
    return null; // the package's problem says more
  }
}
