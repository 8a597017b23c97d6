import { chipsPerPart } from '../../core/models/chipsPerPart.ts';
import { joined, type Values } from '../../core/predictions/column.ts';
import { byName } from '../../core/predictions/contents.ts';
import { columnsOf, type Origin, type Predictions, placed } from '../../core/predictions/predictionColumns.ts';
import type { Session } from '../../core/runtimes/runtime.ts';
import { makePartBuilder } from '../../core/scenes/partBuilder.ts';
import { decodePart } from '../../core/scenes/preparedPart.ts';
import { classifyPart } from './classifyPart.ts';
import type { ReadScene } from './readScene.ts';

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
