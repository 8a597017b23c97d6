/** The least milliseconds of a warm model for a chip; null if unknown. `clock` is by default the process's processor time. */
export type WarmTime = { perChip: number | null; readonly clock?: (() => number) | undefined };

/** Models that have run: the first batch of each takes longer, because memory is reserved. */
const warm = new WeakSet<object>();

/**
 * Runs a batch, and keeps the least time that a chip takes: whatever else the machine does can only add to it. The time of a
 * model's first batch does not count, nor does loading the model; so if a part is one batch, it runs twice in a new container.
 */
export async function timed<Result>(
  model: object,
  run: () => Promise<Result>,
  [chips, inPart]: readonly [chips: number, inPart: number],
  time: WarmTime,
): Promise<Result> {
  const clock = time.clock ?? processorTime;
  const once = async () => {
    const started = clock();
    const result = await run();
    const isWarm = warm.has(model);
    warm.add(model);
    if (isWarm) time.perChip = Math.min(time.perChip ?? Number.POSITIVE_INFINITY, (clock() - started) / chips);
    return result;
  };
  const result = await once();
  return time.perChip === null && chips === inPart ? once() : result;
}

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
