import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { readMetricsOf } from '../aws/readMetrics.ts';
import { STATES } from '../core/ledger/states.ts';
import { metrics } from '../core/metrics/allMetrics.ts';
import { type Datum, type DimensionName, NAMESPACE } from '../core/metrics/metrics.ts';
import type { Models } from '../core/releases/contract.ts';
import type { Stage } from './stage.ts';

/** Readings of what was published before it is taken to be all. */
const MAX_READINGS = 10;

/**
 * What a stage publishes, read from CloudWatch: every metric of the service with each combination of dimensions that it
 * may have now. A metric that is new is listed late, so it is not asked which ones there are.
 *
 * @param granularitySeconds how finely points in time are told apart, and about how late a number can be read
 */
export function watchMetricsOf({ name, cloudWatch }: Stage, models: Models, granularitySeconds: number) {
  const { read } = readMetricsOf(cloudWatch);
  const milliseconds = granularitySeconds * 1000;

  /** Begins to watch, once what comes now can be told from what came before; its answer tells what came since. */
  return async (): Promise<() => Promise<Datum[]>> => {
    const from = new Date(Math.ceil(Date.now() / milliseconds) * milliseconds);
    await setTimeout(from.getTime() - Date.now());
    return async () => {
      let datums: Datum[] = [];
      for (let reading = 0; reading < MAX_READINGS; reading += 1) {
        const before = datums;
        datums = await readSince(from);
        if (datums.length > 0 && isDeepStrictEqual(datums, before)) break;
        await setTimeout(milliseconds);
      }
      return datums;
    };
  };

  async function readSince(from: Date): Promise<Datum[]> {
    const to = new Date(Date.now() + milliseconds);
    const values = await valuesOfDimensions();
    const asked = [...metrics].flatMap(([metric, { dimensions: names }]) =>
      combinations(names, values).map(async (dimensions): Promise<Datum[]> => {
        const id = { namespace: NAMESPACE, name: metric, dimensions: { Stage: name, ...dimensions } };
        const points = await read({ metric: id, statistic: 'Maximum', periodSeconds: 60, from, to });
        return points.slice(-1).map(({ value }) => ({ metric, value, dimensions }));
      }),
    );
    return (await Promise.all(asked)).flat();
  }

  async function valuesOfDimensions(): Promise<Record<DimensionName, readonly string[]>> {
    const model = await models.promoted();
    const { classes } = await models.load(model);
    return {
      Model: [model.name],
      Version: [model.version],
      Class: classes.map((one) => one.name),
      Window: ['recent', 'day'],
      State: STATES,
      Kind: ['refused', 'timeout', 'fault'],
    };
  }
}

type Dimensions = Datum['dimensions'];

function combinations(names: readonly DimensionName[], values: Record<DimensionName, readonly string[]>): Dimensions[] {
  return names.reduce<Dimensions[]>(
    (before, dimension) => before.flatMap((one) => values[dimension].map((value) => ({ ...one, [dimension]: value }))),
    [{}],
  );
}
