import { keyOfEvent, type SceneRef } from '../../core/base/messages.ts';
import { eventsIn, notificationOf } from '../../core/doors/notifications/notification.ts';
import { type GatheringOptions, startGatheringQueue } from './gatheringQueue.ts';

/** Lambda's payload limit of 6 MB, minus room for what surrounds the messages. */
const MOST_LETTERS = 5_500_000;

type Options = Pick<GatheringOptions, 'windowSeconds' | 'collect' | 'againMilliseconds'> & {
  /** Called with an event that could not be processed: the next sweep finds its file. */
  onError: (key: string, error: Error) => void;
};

/** The queue of arrivals on a laptop, to which the inbox sends the events that S3 would. If it is lost, the sweep at the next start finds the files. */
export function startArrivalsQueue({ onError, ...options }: Options) {
  const queue = startGatheringQueue({
    ...options,
    arn: 'arn:local-arrivals',
    mostLetters: MOST_LETTERS,
    refused: 'its event was refused; swath.log says why',
    onLost: (messages, error) => {
      for (const { body } of messages)
        for (const event of eventsIn(JSON.parse(body))) onError(keyOfEvent(event) ?? 'arrivals', error);
    },
  });
  return { ...queue, send: (scene: SceneRef) => queue.send(JSON.stringify(notificationOf(scene))) };
}
