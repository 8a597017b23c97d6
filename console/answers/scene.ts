import { isMasked } from '../../core/measures/blanks/mask.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import { summaryIn } from '../../core/tasks/registry.ts';
import { shownOfSum } from '../../core/tasks/shownRegistry.ts';
import type { Scene, SceneChip } from '../api.ts';
import type { Service } from '../service.ts';
import { rasterRun } from './knownRun.ts';
import type { MapPictures } from './mapPictures.ts';
import type { PredictedRuns } from './predictedRuns.ts';

type Ports = Pick<Service, 'ledger' | 'models'> & { predictedRuns: PredictedRuns; mapPictures: MapPictures };

/** A raster with its chips and maps. Throws `Refused` with 404 if the run has none. */
export async function sceneOf({ ledger, models, predictedRuns, mapPictures }: Ports, run: string): Promise<Scene> {
  const row = await rasterRun({ ledger }, run);
  const { width, height } = row.raster;
  const [{ chips, isMore }, model] = await Promise.all([
    predictedRuns.read(row),
    models.load(row.model).catch(noneIfUnusable),
  ]);
  const { told } = shownOfSum(summaryIn(row) ?? {});
  const hasClasses = model !== null && model.classes.length > 0;
  return {
    ...{ width, height, isMore },
    picture: `/api/runs/${run}/scene.png`,
    chipPictures: `/api/chips/${run}/`,
    chips: chips.flatMap((chip): SceneChip[] => {
      const { index, text, probability, truth, window } = chip;
      if (window === null) return [];
      const known = model ? told(chip, model) : { truth: truth === null ? null : String(truth), isRight: null };
      const { x, y, width, height } = window;
      const value = hasClasses ? null : chip.value;
      const hidden = isMasked(chip.masked, model?.mask);
      return [{ index, text, probability, ...known, window: [x, y, width, height], value, isMasked: hidden }];
    }),
    classes: model === null ? [] : classColours(model),
    maps: model === null ? [] : await mapPictures.of(row, model),
  };
}

export const classColours = ({ classes }: Pick<ModelPackage, 'classes'>): Scene['classes'] =>
  classes.map(({ name, colourHint }) => ({ name, colour: colourHint === undefined ? null : `#${colourHint}` }));
