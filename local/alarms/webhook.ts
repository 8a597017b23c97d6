import { withoutCitations } from '../../core/base/errors.ts';
import type { Post } from '../../functions/webhook/postToWebhook.ts';
import type { AlarmNotice } from '../../observability/alarmNotice.ts';
import { slackMessage } from '../../observability/slackMessage.ts';
import type { startSideWork } from '../stack/sideWork.ts';

/** The function webhook on a laptop: the same messages by the same requests. Each is tried once: there is an e-mail. */
export function webhookOf(post: Post, address: URL, { add }: Pick<ReturnType<typeof startSideWork>, 'add'>) {
  return (notice: AlarmNotice): void => {
    const causes = notice.causes.map(withoutCitations); // what a file holds stays on the laptop
    add(() => post(address, slackMessage({ ...notice, causes })));
  };
}
