import type { Plane, RasterWindow } from '../../core/arrays/dataTypes.ts';
import { valuesOf } from '../../core/doors/answered/predictedRows.ts';
import { byLength } from '../../core/inference/feed.ts';
import type { Inference } from '../../core/inference/predict.ts';
import type { WarmTime } from '../../core/inference/warmTime.ts';
import { type Area, wholeArea } from '../../core/package/area.ts';
import { chipsPerPart } from '../../core/package/bands.ts';
import { joined, type Values } from '../../core/package/carry.ts';
import type { ModelPackage, PredictedRow } from '../../core/package/package.ts';
import { windowInMap } from '../../core/results/maps/mapGrid.ts';
import { byName, columnsOf, type Origin, type Predictions, placed } from '../../core/results/predictionColumns.ts';
import { makePartBuilder } from '../../core/scenes/partBuilder.ts';
import { decodePart, type PreparedPart } from '../../core/scenes/preparedPart.ts';
import type { ReadScene } from './readScene.ts';

/** Receives a pixel task's result for one chip: the values of each map layer, in the chip's area of the map. */
export type TakePlanes = (chip: number, area: Area, planes: readonly Plane[]) => void;

/**
 * Notes the part's `time`; `between` is called before each batch, and may throw to stop it. Chips with predictions keep them.
 * @throws {InvalidModelPackage} if the model's output does not fit its task
 */
export async function classifyPart(
  { model, batchSize, predict }: Inference,
  part: PreparedPart,
  between: () => Promise<void>,
  takePlanes: TakePlanes = () => {},
  time: WarmTime = { perChip: null },
): Promise<Values> {
  const task = model.task;
  if (part.predicted !== undefined) {
    const rows = part.predicted.map((json): PredictedRow => JSON.parse(json)); // validated when it was read
    return valuesOf(task.columns(model), rows);
  }
  const { sorted, restored } = byLength(model, part);
  const batches: Values[] = [];
  for (let first = 0; first < part.chips; first += batchSize) {
    await between();
    const chips = Math.min(batchSize, part.chips - first);
    const areas = Array.from({ length: chips }, (_, chip) => areaIn(part, first + chip));
    const { values, planes } = await predict(sorted, first, chips, { areas, time });
    batches.push(values);
    for (const [chip, ofChip] of (planes ?? []).entries())
      takePlanes(first + chip, areas[chip] ?? wholeArea(model.output.pixels!), ofChip);
  }
  return restored(joined(task.columns(model), batches));
}

export function inMap({ window }: PreparedPart, chip: number, area: Area, { output }: ModelPackage): RasterWindow {
  const { width, height } = area;
  return windowInMap({ x: window!.x[chip]! + area.x, y: window!.y[chip]! + area.y, width, height }, output);
}

function areaIn({ areas }: PreparedPart, chip: number): Area | undefined {
  if (areas === undefined) return undefined;
  const [width, height] = [areas.width[chip]!, areas.height[chip]!];
  const start = (chip * areas.valid.length) / areas.x.length;
  const valid = areas.valid.subarray(start, start + width * height);
  return { x: areas.x[chip]!, y: areas.y[chip]!, width, height, valid };
}

/** Classifies the chips of many files together, so that the model's batches are full, however small the files. */
export function makeClassifyChips(inference: Inference, wanted: number, between: () => Promise<void>) {
  const { model } = inference;
  const part = makePartBuilder(model, chipsPerPart(model, wanted));
  const parts: Values[] = [];
  let origins: Origin[] = [];

  async function take(seen: ReadScene['seen'], origin: Origin): Promise<void> {
    for (const chip of seen) {
      if (!part.fits(chip)) await flush();
      part.add(chip);
      origins.push(origin);
      if (part.isFull()) await flush();
    }
  }

  async function flush(): Promise<void> {
    const [prepared, owners] = [decodePart(part.take()), origins];
    origins = [];
    parts.push(placed(prepared, await classifyPart(inference, prepared, between), model, (chip) => owners[chip]!));
  }

  async function finish(): Promise<Map<string, Predictions>> {
    if (part.chips() > 0) await flush();
    return byName(joined(columnsOf(model), parts) as Predictions);
  }

  return { take, finish };
}
