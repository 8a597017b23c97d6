import type { Outputs, Session } from '../../core/runtimes/runtime.ts';
import type { PreparedPart } from '../../core/scenes/preparedPart.ts';

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
