import { type PredictedRow, valuesOf } from '../../core/answered/predictedRows.ts';
import { type Area, wholeArea } from '../../core/maps/area.ts';
import { windowInMap } from '../../core/maps/mapGrid.ts';
import { chipsPerPart } from '../../core/models/bands.ts';
import type { Plane } from '../../core/models/dataTypes.ts';
import type { ModelPackage } from '../../core/models/package.ts';
import { joined, type Values } from '../../core/predictions/column.ts';
import { byName, columnsOf, type Origin, type Predictions, placed } from '../../core/predictions/predictionColumns.ts';
import type { Outputs, Session } from '../../core/runtimes/runtime.ts';
import { makePartBuilder } from '../../core/scenes/partBuilder.ts';
import { decodePart, type PreparedPart } from '../../core/scenes/preparedPart.ts';
import type { RasterWindow } from '../../core/scenes/raster/raster.ts';
import { checkOutputs, taskOf } from '../../core/tasks/registry.ts';
import type { ReadScene } from './readScene.ts';

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

/** Returns where in a scene's map a chip's area is. */
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

/** The least milliseconds that a warm model takes for a chip; null until it is known. */
export type WarmTime = { perChip: number | null };

/** Sessions that have run: the first batch of each takes longer, because memory is reserved. */
const warm = new WeakSet<Session>();

/**
 * Runs a batch, and keeps the least time that a chip takes: whatever else the machine does can only add to it. The time of a
 * session's first batch does not count, nor does loading the model; so if a part is one batch, it runs twice in a new session.
 */
export async function runTimed(
  session: Session,
  part: PreparedPart,
  [first, chips]: readonly [first: number, chips: number],
  time: WarmTime,
  clock: () => number,
): Promise<Outputs> {
  const run = async () => {
    const started = clock();
    const outputs = await session.run(part, first, chips);
    const isWarm = warm.has(session);
    warm.add(session);
    if (isWarm) time.perChip = Math.min(time.perChip ?? Number.POSITIVE_INFINITY, (clock() - started) / chips);
    return outputs;
  };
  const outputs = await run();
  return time.perChip === null && chips === part.chips ? run() : outputs;
}

/** Classifies the chips of many files together, so that the model's batches are full, however small the files. */
export function makeClassifyChips(session: Session, wanted: number, between: () => Promise<void>) {
  const { model } = session;
  const part = makePartBuilder(model, chipsPerPart(model, wanted));
  const parts: Values[] = [];
  let origins: Origin[] = [];

  /** Adds a file's chips, and classifies when they fill a part. */
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
    parts.push(placed(prepared, await classifyPart(session, prepared, between), (chip) => owners[chip]!));
  }

  /** Classifies the remaining chips; returns all predictions by name. */
  async function finish(): Promise<Map<string, Predictions>> {
    if (part.chips() > 0) await flush();
    return byName(joined(columnsOf(model), parts) as Predictions);
  }

  return { take, finish };
}
