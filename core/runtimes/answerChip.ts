import { wholeArea } from '../maps/area.ts';
import { makeBandSelector, preparedBands } from '../models/bands.ts';
import { bytesPerValue, makePlane } from '../models/dataTypes.ts';
import type { Chip } from '../scenes/chip.ts';
import { checkOutputs, taskOf } from '../tasks/registry.ts';
import type { Answered } from '../tasks/task.ts';
import type { Session } from './runtime.ts';

/**
 * Returns a model's prediction for one chip, in the form of an answer.
 *
 * @throws {InvalidModelPackage} when its task cannot interpret the model's output
 */
export async function answerChip({ model, run }: Session, { planes }: Pick<Chip, 'planes'>): Promise<Answered> {
  const bands = preparedBands(model).map(({ name, dataType, bytesPerChip }) => ({
    ...{ name, dataType },
    values: makePlane(dataType, bytesPerChip / bytesPerValue(dataType)),
  }));
  makeBandSelector(model)(
    planes,
    bands.map(({ values }) => values),
  );
  const outputs = await run({ chips: 1, bands }, 0, 1);
  checkOutputs(model, outputs, 1);
  const task = taskOf(model);
  const { pixels } = model.output;
  const values =
    pixels === null ? task.decode(outputs, 1, model) : task.pixels!.decode(outputs, model, [wholeArea(pixels)]).values;
  return task.answer(values, 0, model);
}
