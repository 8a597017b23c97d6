import { type CollectResult, collectInputSchema } from '../../core/base/messages.ts';
import { makeStep, stopIfAsked } from '../../core/base/step.ts';
import { isTruthsMessage } from '../../core/doors/truth/truth.ts';
import { type AnsweredPorts, makeAnswered } from './answered.ts';
import { type ArrivalsPorts, makeArrivals } from './arrivals.ts';
import { type Gather, MOST_TOLD, type Refused } from './gather.ts';
import { makeRequests, type RequestsPorts } from './requests.ts';
import { makeTruths, type TruthsPorts } from './truths.ts';

/** The ports for requests, and for what is counted, are absent if there is no such queue. */
export type CollectPorts = ArrivalsPorts & {
  requests?: RequestsPorts | undefined;
  counts?: (AnsweredPorts & TruthsPorts) | undefined;
};

/**
 * Gathers messages of the queues and has their files classified in batches. A message is deleted only after its work has been
 * started. If this step is killed in between, the queue redelivers the messages; work that was started already is not started
 * again, because its name is derived from its content.
 */
export function collectStep(ports: CollectPorts) {
  const { requests, counts } = ports;
  const gatherers: readonly { queue: string; gather: Gather }[] = [
    { queue: 'arrivals', gather: makeArrivals(ports) },
    ...(requests === undefined ? [] : [{ queue: 'requests', gather: makeRequests(requests) }]),
    ...(counts === undefined ? [] : [{ queue: 'counts', gather: gatherCounts(counts) }]),
  ];

  return makeStep('collect', collectInputSchema, async ({ Records }, invocation, log): Promise<CollectResult> => {
    stopIfAsked(invocation);
    log['messages'] = Records.length;
    const refused: Refused = new Map();
    for (const [arn, records] of Map.groupBy(Records, ({ eventSourceARN }) => eventSourceARN)) {
      const gatherer = gatherers.find(({ queue }) => arn.endsWith(`-${queue}`));
      const names = gatherers.map(({ queue }) => queue).join(', ');
      const why = `It is of the queue ${arn}, allowed are those whose names end with: ${names}.`;
      if (gatherer === undefined) for (const { messageId } of records) refused.set(messageId, why);
      else await gatherer.gather(records, log, refused);
    }
    const told = Array.from(refused, ([messageId, why]) => ({ messageId, why }));
    Object.assign(log, { refused: told.length, ...(told.length > 0 && { why: told.slice(0, MOST_TOLD) }) });
    return { batchItemFailures: told.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });
}

/** Answered predictions and truths have a queue that only the service sends to: a right to request is none to say what was predicted. */
function gatherCounts(ports: AnsweredPorts & TruthsPorts): Gather {
  const [given, truths] = [makeAnswered(ports), makeTruths(ports)];
  return async (records, log, refused) => {
    const { told, others } = Object.groupBy(records, ({ body }) => (isTruthsMessage(body) ? 'told' : 'others'));
    if (others) await given(others, log, refused);
    if (told) await truths(told, log, refused);
  };
}
