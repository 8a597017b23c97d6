import { InvalidSceneFile, ObjectNotFound } from '../../core/base/errors.ts';
import type { ChipAt } from '../../core/scenes/chipAt.ts';
import { makeThumbnail } from '../../core/scenes/thumbnail.ts';
import { Refused } from '../answer.ts';
import type { Service } from '../service.ts';
import { knownRun } from './knownRun.ts';
import type { PredictedRuns } from './predictedRuns.ts';

/** The longest side of a thumbnail, in pixels. */
const LONGEST_SIDE = 256;

/** The address of a chip's thumbnail. It never changes, as a run's bytes and model do not either. */
export function thumbnailPath(run: string, index: number): string {
  return `/api/chips/${run}/${index}.png`;
}

/** Makes a picture of a chip from its scene file. Throws `Refused` with 404. */
export async function thumbnailOf(
  { ledger, models, chipAt }: Pick<Service, 'ledger' | 'models'> & { chipAt: ChipAt },
  predictedRuns: PredictedRuns,
  run: string,
  index: number,
): Promise<Uint8Array> {
  try {
    const { row, chips } = await (predictedRuns.kept(run) ?? predictedRuns.read(await knownRun({ ledger }, run)));
    const chip = chips.find((one) => one.index === index);
    if (chip === undefined) throw new Refused(404, `Run ${run} has no picture of a chip ${index}.`);
    const model = await models.load(row.model);
    const { size = 0 } = row; // every done run has it
    return makeThumbnail(model, LONGEST_SIDE)(await chipAt({ ...row.scene, size }, chip, model));
  } catch (error) {
    // The file is gone, or was replaced.
    if (error instanceof ObjectNotFound || error instanceof InvalidSceneFile) throw new Refused(404, error.message);
    throw error;
  }
}
