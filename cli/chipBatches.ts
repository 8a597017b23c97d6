import { makeBandSelector } from '../core/models/bands.ts';
import type { Session } from '../core/runtimes/runtime.ts';
import type { Chip } from '../core/scenes/chip.ts';
import { emptyBatch, planesAt } from './classifyExample.ts';

type Outputs = Awaited<ReturnType<Session['run']>>;

/** Runs a model on chips that come one by one, in batches; `see` gets the outputs in the order of the chips. */
export function makeChipBatches(
  { model, batchSize, run }: Session,
  see: (outputs: Outputs, chips: number) => void,
): { take(chip: Pick<Chip, 'planes'>): Promise<void>; flush(): Promise<void> } {
  const batch = emptyBatch(model, batchSize);
  const select = makeBandSelector(model);
  let waiting = 0;

  async function take({ planes }: Pick<Chip, 'planes'>): Promise<void> {
    select(planes, planesAt(batch, waiting));
    waiting += 1;
    if (waiting === batchSize) await flush();
  }

  /** Runs the chips that wait, even if they fill no batch. */
  async function flush(): Promise<void> {
    if (waiting === 0) return;
    see(await run(batch, 0, waiting), waiting);
    waiting = 0;
  }

  return { take, flush };
}
