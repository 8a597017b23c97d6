import { type PredictedRow, valuesOf } from '../../core/answered/predictedRows.ts';
import { type Area, wholeArea } from '../../core/maps/area.ts';
import type { Plane } from '../../core/models/dataTypes.ts';
import { joined, type Values } from '../../core/predictions/column.ts';
import type { Session } from '../../core/runtimes/runtime.ts';
import type { PreparedPart } from '../../core/scenes/preparedPart.ts';
import { checkOutputs } from '../../core/tasks/checkOutputs.ts';
import { taskOf } from '../../core/tasks/registry.ts';
import { runTimed, type WarmTime } from './warmTime.ts';

/** Receives a pixel task's result for one chip: the values of each map layer, in the chip's area of the map. */
export type TakePlanes = (chip: number, area: Area, planes: readonly Plane[]) => void;

/**
 * Classifies a part in the model's batches, and notes its `time`; `between` is called before each, and may throw to stop it. Chips that have
 * predictions already keep them.
 * @throws {InvalidModelPackage} if the model's output does not fit its task
 */
export async function classifyPart(
  session: Session,
  part: PreparedPart,
  between: () => Promise<void>,
  takePlanes: TakePlanes = () => {},
  time: WarmTime = { perChip: null },
  clock: () => number = () => performance.now(),
): Promise<Values> {
  const { model, batchSize } = session;
  const task = taskOf(model);
  if (part.predicted !== undefined) return valuesOf(task.columns(model), part.predicted.map(predictedRow));
  const batches: Values[] = [];
  for (let first = 0; first < part.chips; first += batchSize) {
    await between();
    const chips = Math.min(batchSize, part.chips - first);
    const outputs = await runTimed(session, part, [first, chips], time, clock);
    checkOutputs(model, outputs, chips);
    const { pixels } = model.output;
    if (pixels === null) batches.push(task.decode(outputs, chips, model));
    else {
      const areas = Array.from({ length: chips }, (_, chip) => areaIn(part, first + chip) ?? wholeArea(pixels));
      const { values, planes } = task.pixels!.decode(outputs, model, areas);
      batches.push(values);
      for (const [chip, area] of areas.entries()) takePlanes(first + chip, area, planes[chip]!);
    }
  }
  return joined(task.columns(model), batches);
}

/** The JSON in a part was validated when it was read. */
function predictedRow(json: string): PredictedRow {
  return JSON.parse(json) as PredictedRow;
}

function areaIn({ areas }: PreparedPart, chip: number): Area | undefined {
  if (areas === undefined) return undefined;
  const [width, height] = [areas.width[chip]!, areas.height[chip]!];
  const start = (chip * areas.valid.length) / areas.x.length;
  const valid = areas.valid.subarray(start, start + width * height);
  return { x: areas.x[chip]!, y: areas.y[chip]!, width, height, valid };
}
