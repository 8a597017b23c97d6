import { readUpTo } from '../../aws/readUpTo.ts';
import { InvalidWebhook, TransientTrouble } from '../../core/base/errors.ts';
import type { SlackMessage } from '../../observability/slackMessage.ts';

/** Posts once, or throws without the address: `InvalidWebhook` for good, or `TransientTrouble` where a retry may succeed. */
export type Post = (address: URL, message: SlackMessage) => Promise<void>;

/** The time-out of the whole request. Slack answers within a second. */
const MOST_MILLISECONDS = 5000;
/** Slack's error codes, such as `no_service`. Any other text may contain the address. */
const REASON = /^[a-z_]{1,40}$/;
const MOST_REASON_BYTES = 100;

/** @param where where the address is stored, for the error's advice */
export function makePost(where: string, milliseconds = MOST_MILLISECONDS): Post {
  return async (address, message) => {
    const signal = AbortSignal.timeout(milliseconds);
    try {
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
        redirect: 'manual', // the message is only for the configured webhook
        signal,
      });
      const text = (await readUpTo(MOST_REASON_BYTES, response.body ?? [])).toString('latin1').trim();
      const trouble = troubleOf(response.status, REASON.test(text) ? ` (${text})` : '', where);
      if (trouble !== undefined) throw trouble;
    } catch (error) {
      throw signal.aborted
        ? new TransientTrouble(`The webhook took longer than ${milliseconds / 1000} s.`)
        : told(error);
    }
  };
}

function troubleOf(status: number, reason: string, where: string): Error | undefined {
  if (status >= 200 && status < 300) return undefined;
  const answers = `The webhook answers ${status}${reason}`;
  const another = `Put the address of one that is there into ${where}.`;
  if (status >= 300 && status < 400)
    return new InvalidWebhook(`${answers}, which leads elsewhere and is not followed. ${another}`);
  if ([401, 403, 404, 405, 410].includes(status))
    return new InvalidWebhook(`${answers}: it was removed, or its channel is closed to it. ${another}`);
  if (status === 408 || status === 429 || status >= 500) return new TransientTrouble(`${answers}.`);
  return new Error(`${answers}: it does not take this message.`);
}

/** Describes an error of fetch by its code alone: its message and its cause contain the address. */
function told(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const { code } = Object(error.cause) as { code?: unknown };
  return new TransientTrouble(`The webhook cannot be reached${typeof code === 'string' ? ` (${code})` : ''}.`);
}
