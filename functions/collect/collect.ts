import { type CollectInput, type CollectResult, collectInputSchema } from '../../core/messages.ts';
import { makeStep, stopIfAsked, type Work } from '../../core/step.ts';
import { isTruthsMessage } from '../../core/truth/message.ts';
import { isAnswered, makeAnswered } from './answered.ts';
import { type ArrivalsPorts, makeArrivals } from './arrivals.ts';
import type { Gather, Refused } from './gather.ts';
import { makeRequests, type RequestsPorts } from './requests.ts';
import { makeTruths, type TruthsPorts } from './truths.ts';

/** Without the ports of requests, where no queue brings any. */
export type CollectPorts = ArrivalsPorts & { requests?: (RequestsPorts & TruthsPorts) | undefined };

/** Of so many messages it is told why they were refused; what is wrong with the others is most likely the same. */
const MOST_TOLD = 20;

export const collectStep = (ports: CollectPorts) => makeStep('collect', collectInputSchema, makeCollect(ports));

/**
 * Gathers what queues hold and has it classified in batches. A message is done with when what it asks for has been started, and
 * not before: whatever kills this step in between, the queue hands its messages out once more, and what was started already is
 * not started again, as its name says what it is.
 */
export function makeCollect(ports: CollectPorts): Work<CollectInput, CollectResult> {
  const { requests } = ports;
  /** By what their queues' names end with. */
  const gatherers: readonly { queue: string; gather: Gather }[] = [
    { queue: 'arrivals', gather: makeArrivals(ports) },
    ...(requests === undefined ? [] : [{ queue: 'requests', gather: gatherRequests(requests) }]),
  ];

  return async ({ Records }, invocation, log) => {
    stopIfAsked(invocation);
    log['messages'] = Records.length;
    const refused: Refused[] = [];
    for (const [arn, records] of Map.groupBy(Records, ({ eventSourceARN }) => eventSourceARN)) {
      const gatherer = gatherers.find(({ queue }) => arn.endsWith(`-${queue}`));
      const names = gatherers.map(({ queue }) => queue).join(', ');
      const why = `It is of the queue ${arn}, allowed are those whose names end with: ${names}.`;
      refused.push(
        ...(gatherer === undefined
          ? records.map(({ messageId }) => ({ messageId, why }))
          : await gatherer.gather(records, log)),
      );
    }
    Object.assign(log, { refused: refused.length, ...(refused.length > 0 && { why: refused.slice(0, MOST_TOLD) }) });
    return { batchItemFailures: refused.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

/** The queue of requests brings predictions as well that were given elsewhere, to be counted, and what is true of some. */
function gatherRequests(ports: RequestsPorts & TruthsPorts): Gather {
  const gatherers = { asked: makeRequests(ports), given: makeAnswered(ports), truths: makeTruths(ports) };
  return async (records, log) => {
    const byKind = Map.groupBy(records, (record): keyof typeof gatherers =>
      isAnswered(record) ? 'given' : isTruthsMessage(record.body) ? 'truths' : 'asked',
    );
    const refused: Refused[] = [];
    for (const kind of ['asked', 'given', 'truths'] as const)
      if (byKind.has(kind)) refused.push(...(await gatherers[kind](byKind.get(kind)!, log)));
    return refused;
  };
}
