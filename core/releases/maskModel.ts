import { InvalidModelPackage, listed } from '../base/errors.ts';
import { columnName } from '../base/names.ts';
import type { ModelPackage } from '../package/package.ts';
import type { Models } from './contract.ts';

/** Returns the values of classes in a model's map. Throws `InvalidModelPackage` when it has no map of classes, or not these. */
export function valuesInMap(model: ModelPackage, classes: readonly string[]): number[] {
  const known = model.task.layers?.(model).some(({ classes: shown }) => shown) ? model.classes : [];
  return classes.map((wanted) => {
    const found = known.find(({ name, title }) => title === wanted || name === columnName(wanted));
    if (found !== undefined) return found.value;
    const allowed = listed(known.map(({ name }) => name)) || 'a model whose map is of classes';
    throw new InvalidModelPackage(
      `swath:mask: found the class ${wanted} of ${model.name} ${model.version}, allowed is ${allowed}`,
    );
  });
}

/** Throws `InvalidModelPackage` unless the model that masks a package is promoted and has the classes, so its own, and so on. */
export async function assertMaskLives(models: Pick<Models, 'promotion' | 'load'>, { name, mask }: ModelPackage) {
  const names = [name];
  for (let map = mask?.map; map !== undefined; ) {
    const { model, classes } = map;
    const isCircle = names.includes(model);
    names.push(model);
    const live = isCircle ? null : await models.promotion(model);
    if (live === null)
      throw new InvalidModelPackage(
        isCircle
          ? `swath:mask: found ${names.join(', ')}, each masked by the next, allowed is a model that does not wait for this one`
          : `swath:mask: found the model ${model}, which has no promoted version, allowed is one that has. Promote it first`,
      );
    const by = await models.load(live);
    valuesInMap(by, classes);
    map = by.mask?.map;
  }
}
