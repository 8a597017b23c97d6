import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Models } from '../../core/releases/contract.ts';
import type { RasterInfo } from '../../core/scenes/raster/rasterInfo.ts';
import { shownOfSum } from '../../core/tasks/shownRegistry.ts';
import { summaryIn } from '../../core/tasks/stored.ts';
import { Refused } from '../answer.ts';
import type { Scene, SceneChip } from '../api.ts';
import type { Service } from '../service.ts';
import { knownRun } from './knownRun.ts';
import type { MapPictures } from './mapPictures.ts';
import { packageOrNone } from './packageOrNone.ts';
import type { PredictedRuns } from './predictedRuns.ts';

type Ports = Pick<Service, 'ledger' | 'models'> & { predictedRuns: PredictedRuns; mapPictures: MapPictures };

/** The done run of a raster. Throws `Refused` with 404 for any other. */
export async function rasterRun(
  service: Pick<Service, 'ledger'>,
  run: string,
): Promise<LedgerRow & { raster: RasterInfo }> {
  const row = await knownRun(service, run);
  const { state, raster } = row;
  if (raster === undefined) throw new Refused(404, `The scene of run ${run} is not a raster.`);
  if (state !== 'DONE') throw new Refused(404, `Run ${run} is ${state}: its predictions are shown once it is DONE.`);
  return { ...row, raster };
}

/** A raster with its chips and maps. Throws `Refused` with 404 if the run has none. */
export async function sceneOf({ ledger, models, predictedRuns, mapPictures }: Ports, run: string): Promise<Scene> {
  const row = await rasterRun({ ledger }, run);
  const { width, height } = row.raster;
  const [{ chips, isMore }, model] = await Promise.all([predictedRuns.read(row), packageOrNone(models, row.model)]);
  const { told } = shownOfSum(summaryIn(row) ?? {});
  const hasClasses = model !== null && model.classes.length > 0;
  return {
    ...{ width, height, isMore },
    picture: `/api/runs/${run}/scene.png`,
    chipPictures: `/api/chips/${run}/`,
    chips: chips.flatMap((chip): SceneChip[] => {
      const { index, text, value, probability, truth, window } = chip;
      if (window === null) return [];
      return [
        {
          ...{ index, text, probability },
          ...(model === null ? { truth: truth === null ? null : String(truth), isRight: null } : told(chip, model)),
          window: [window.x, window.y, window.width, window.height],
          value: hasClasses ? null : value,
        },
      ];
    }),
    classes: model === null ? [] : classColours(model),
    maps: model === null ? [] : await mapPictures.of(row, model),
  };
}

export function classColours({ classes }: Pick<ModelPackage, 'classes'>): Scene['classes'] {
  return classes.map(({ name, colourHint }) => ({ name, colour: colourHint === undefined ? null : `#${colourHint}` }));
}

/** A run's package. Throws `Refused` with 404 if it is gone. */
export async function packageOfRun(models: Pick<Models, 'load'>, row: LedgerRow): Promise<ModelPackage> {
  const model = await packageOrNone(models as Models, row.model);
  if (model === null)
    throw new Refused(404, `Model ${row.model.name}/${row.model.version} is not in the model bucket any more.`);
  return model;
}
