import { type CollectInput, type CollectResult, collectInputSchema } from '../../core/messages.ts';
import { makeStep, stopIfAsked, type Work } from '../../core/step.ts';
import { isTruthsMessage } from '../../core/truth/message.ts';
import { isAnswered, makeAnswered } from './answered.ts';
import { type ArrivalsPorts, makeArrivals } from './arrivals.ts';
import type { Gather, Refused } from './gather.ts';
import { makeRequests, type RequestsPorts } from './requests.ts';
import { makeTruths, type TruthsPorts } from './truths.ts';

/** The ports for requests are absent if there is no queue of requests. */
export type CollectPorts = ArrivalsPorts & { requests?: (RequestsPorts & TruthsPorts) | undefined };

/** How many refused messages are logged with their reason; the others most likely fail for the same reason. */
const MOST_TOLD = 20;

export const collectStep = (ports: CollectPorts) => makeStep('collect', collectInputSchema, makeCollect(ports));

/**
 * Gathers messages of the queues and has their files classified in batches. A message is deleted only after its work has been
 * started. If this step is killed in between, the queue redelivers the messages; work that was started already is not started
 * again, because its name is derived from its content.
 */
export function makeCollect(ports: CollectPorts): Work<CollectInput, CollectResult> {
  const { requests } = ports;
  /** By the ending of the queue's name. */
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

/** Besides requests, their queue carries answered predictions to count, and truths. */
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
