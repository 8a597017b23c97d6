import { makeKept } from '../../core/base/concurrency/keepPromise.ts';
import { InvalidSceneFile, insteadOf, ObjectNotFound } from '../../core/base/errors.ts';
import type { ChipAt } from '../../core/scenes/chipAt.ts';
import { HEAD_BYTES } from '../../core/scenes/formats/format.ts';
import { makeScenePicture, NoScenePicture } from '../../core/scenes/scenePicture.ts';
import { makeThumbnail } from '../../core/scenes/thumbnail.ts';
import { Refused, refuseIfGone } from '../answer.ts';
import type { Service } from '../service.ts';
import { knownRun, packageOfRun, rasterRun } from './knownRun.ts';
import type { PredictedRuns } from './predictedRuns.ts';

/** The longest sides of a chip's picture and of a scene's, in pixels. */
const CHIP_SIDE = 256;
const SCENE_SIDE = 512;

type Ports = Pick<Service, 'ledger' | 'models'>;

/** The address of a chip's thumbnail. It never changes, as a run's bytes and model do not either. */
export const thumbnailPath = (run: string, index: number): string => `/api/chips/${run}/${index}.png`;

/** Makes a picture of a chip from its scene file. Throws `Refused` with 404, and what `ifUnreadable` is for. */
export async function thumbnailOf(
  { ledger, models, chipAt, predictedRuns }: Ports & { chipAt: ChipAt; predictedRuns: PredictedRuns },
  run: string,
  index: number,
): Promise<Uint8Array> {
  const { row, chips } = await (predictedRuns.kept(run) ?? predictedRuns.read(await knownRun({ ledger }, run)));
  const chip = chips.find((one) => one.index === index);
  if (chip === undefined) throw new Refused(404, `Run ${run} has no picture of a chip ${index}.`);
  const model = await models.load(row.model);
  const { size = 0 } = row; // every done run has it
  return makeThumbnail(model, CHIP_SIDE)(await chipAt({ ...row.scene, size }, chip, model));
}

/** For `catch`: refuses a picture whose file is gone, was replaced, or has none. */
export const ifUnreadable = insteadOf(
  [ObjectNotFound, InvalidSceneFile, NoScenePicture],
  ({ message }) => new Refused(404, message),
);

/** Makes pictures of whole scenes, one at a time: for a file without overviews, each may take seconds. */
export function makeScenePictures({ ledger, models, readRange }: Ports & Pick<Service, 'readRange'>) {
  const keep = makeKept<Uint8Array>(20); // each takes at most 1 MB, and less as PNG
  return async (run: string): Promise<Uint8Array> => {
    const row = await rasterRun({ ledger }, run);
    const model = await packageOfRun(models, row);
    return keep(run, async () => {
      const { scene, size = 0 } = row; // every done run has it
      const range = (offset: number, length: number) => readRange(scene, offset, Math.min(length, size - offset));
      return makeScenePicture({ key: scene.key, size, head: await range(0, HEAD_BYTES), range }, model, SCENE_SIDE);
    })
      .catch(refuseIfGone(404, () => 'The scene file is no longer in the inbox, so there is no picture of it.'))
      .catch(ifUnreadable);
  };
}
