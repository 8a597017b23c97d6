import type { LogFields } from '../../core/base/log.ts';
import { type DriftInput, driftInputSchema } from '../../core/base/messages.ts';
import { type Invocation, makeStep } from '../../core/base/step.ts';
import { daysBefore } from '../../core/base/time/days.ts';
import { makeJudgeDays } from './days/judgeDays.ts';
import { makeFinishRun } from './finish/finishRun.ts';
import { makeWatchBatch } from './finish/watchBatch.ts';
import type { DriftPorts } from './ports.ts';
import { makeRecentDrift } from './recent/recentDrift.ts';

export const driftStep = (ports: DriftPorts) => makeStep('drift', driftInputSchema, makeDrift(ports));

/** Finishes a run or a batch, judges every closed UTC day that is due, or says the last word on the window `recent`. */
export function makeDrift(ports: DriftPorts) {
  const recent = makeRecentDrift(ports);
  const finishRun = makeFinishRun(ports, recent);
  const watchBatch = makeWatchBatch(ports, recent);
  const judgeDays = makeJudgeDays(ports);

  return async (input: DriftInput, invocation: Invocation, log: LogFields) => {
    if ('run' in input) return finishRun(input.run, input.parts, log);
    if ('empty' in input) return finishRun(input.empty, [], log);
    if ('batch' in input) return watchBatch(input.batch, input.result, log);
    if ('before' in input) {
      const result = await judgeDays(input.before, invocation, log);
      await recent.publishLive(daysBefore(1, input.before));
      return result;
    }
    log['lastWord'] = input.lastWord;
    await recent.publishLive();
    return { status: 'said' } as const;
  };
}
