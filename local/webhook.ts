import { setTimeout as pause } from 'node:timers/promises';
import { withoutCitations } from '../core/text/cited.ts';
import type { Post } from '../functions/webhook/postToWebhook.ts';
import type { AlarmNotice } from '../observability/alarmNotice.ts';
import { slackMessage } from '../observability/slackMessage.ts';

/** A stop has three seconds for everything. */
const GRACE_MILLISECONDS = 500;

/**
 * The function webhook on a laptop: the same messages by the same requests, one after the other. No alarm waits for them, and
 * each is tried once: the e-mail lies in the outbox.
 */
export function startWebhook(
  post: Post,
  address: URL,
  onError: (error: Error) => void,
  graceMilliseconds = GRACE_MILLISECONDS,
) {
  let last: Promise<void> = Promise.resolve();
  return {
    tell: (notice: AlarmNotice): void => {
      const causes = notice.causes.map(withoutCitations); // what a file holds stays on the laptop
      last = last.then(() => post(address, slackMessage({ ...notice, causes }))).catch(onError);
    },
    close: async (): Promise<void> => Promise.race([last, pause(graceMilliseconds, undefined, { ref: false })]),
  };
}
