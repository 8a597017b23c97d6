import { hash } from 'node:crypto';
import { keptFor } from '../core/base/concurrency/keptFor.ts';
import { NAMESPACE } from '../core/metrics/metrics.ts';
import type { Kind, Signs } from './api.ts';
import type { NewestRuns } from './newestRuns.ts';
import type { Service } from './service.ts';

/** For each kind of data, a function that returns a text which changes as soon as the data do. */
type ReadSigns = Record<Kind, () => Promise<string>>;

/** What is published later than that says so itself. */
const LOOK_BACK_MILLISECONDS = 3_600_000;

/** The signs of a service. They are read all the time, so they must be cheap. */
export function signsOf(service: Service, newestRuns: Pick<NewestRuns, 'sign'>): ReadSigns {
  const { stage, modelName } = service.parameters;
  const recent = { Model: modelName, Window: 'recent' };
  // Between them, they change with whatever is published: with a run that counts, one of blanks, a sweep, a failure.
  const telling: [name: string, dimensions: Record<string, string>][] = [
    ['MeanProbability', recent],
    ['BlankShare', recent],
    ['Sweeps', {}],
    ['FailedRuns', {}],
    ['InvalidFiles', {}],
  ];
  const newest = async ([name, dimensions]: (typeof telling)[number]) => {
    const to = service.now();
    const from = new Date(to.getTime() - LOOK_BACK_MILLISECONDS);
    const metric = { namespace: NAMESPACE, name, dimensions: { Stage: stage, ...dimensions } };
    const query = { metric, statistic: 'Maximum', periodSeconds: 60, from, to } as const;
    return (await service.readMetrics.read(query)).at(-1);
  };
  return {
    runs: newestRuns.sign,
    metrics: async () => JSON.stringify(await Promise.all(telling.map(newest))),
    alarms: async () => JSON.stringify((await service.readAlarms()).map(({ id, state, since }) => [id, state, since])),
  };
}

/** Makes what reads all signs, once in so many milliseconds at most. A kind that cannot be read now has none. */
export const makeReadSigns = (signs: ReadSigns, milliseconds: number, onError: (error: unknown) => void) =>
  keptFor<void, Signs>(milliseconds, async () => {
    const found = Object.entries(signs).map(async ([kind, read]) => ({ [kind]: hash('sha256', await read()) }));
    return Object.assign({}, ...(await Promise.all(found.map((one) => one.catch(onError)))));
  });
