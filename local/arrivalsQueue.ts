import { type CollectInput, type CollectResult, keyOfEvent, type SceneRef } from '../core/messages.ts';
import { eventsIn, notificationOf } from '../core/notification.ts';
import { startGatheringQueue } from './gatheringQueue.ts';

/** As many as Lambda hands on together: functions/collect/arrivals.yml. */
const MOST_MESSAGES = 500;
/** Lambda hands on as much as it takes for a call: 6 MB, of which some is not the messages' own. */
const MOST_LETTERS = 5_500_000;

export type ArrivalsQueue = ReturnType<typeof startArrivalsQueue>;

type Options = {
  windowSeconds: number;
  collect: (input: CollectInput) => Promise<CollectResult>;
  /** Hears of an event that nobody could deal with: the next sweep finds its file. */
  onError: (key: string, error: Error) => void;
  againMilliseconds?: number;
};

/** The queue of arrivals on a laptop, to which the inbox sends what S3 would. The files of what is lost with it, the sweep at the next start finds. */
export function startArrivalsQueue({ windowSeconds, collect, onError, againMilliseconds }: Options) {
  const queue = startGatheringQueue({
    ...{ arn: 'arn:local-arrivals', mostMessages: MOST_MESSAGES, mostLetters: MOST_LETTERS, windowSeconds, collect },
    againMilliseconds,
    refused: 'its event was refused; swath.log says why',
    onLost: (messages, error) => {
      for (const { body } of messages)
        for (const event of eventsIn(JSON.parse(body))) onError(keyOfEvent(event) ?? 'arrivals', error);
    },
  });
  return { ...queue, send: (scene: SceneRef) => queue.send(JSON.stringify(notificationOf(scene))) };
}
