import type { Email } from '../../observability/alarmState.ts';
import { type Check, fine, notice, wrong } from './check.ts';

/** Somebody, or something, that is told of alarms. */
export type Subscription = { protocol: string; endpoint: string; isConfirmed: boolean };

/** Whether an alarm would reach anybody. */
export const subscription: Check<{
  stage: string;
  readSubscriptions: () => Promise<Subscription[]>;
  isSubscriptionDeployed: () => Promise<boolean>;
}> = {
  id: 'subscription',
  title: 'who is told',
  needs: ['stack'],
  look: async ({ stage, readSubscriptions, isSubscriptionDeployed }) => {
    const all = await readSubscriptions();
    const confirmed = all.filter(({ isConfirmed }) => isConfirmed);
    const pending = all.filter(({ isConfirmed }) => !isConfirmed);
    const waiting = `${pending.map(named).join(', ')} has not confirmed yet`;
    const confirm = `Open the e-mail "AWS Notification - Subscription Confirmation" and follow its link. Where it is lost: deploy with --param="alarmEmail=none", then with the address again.`;
    if (confirmed.length > 0) {
      const told = confirmed.map(named).join(', ');
      return pending.length === 0 ? fine(told) : notice(`${told}; ${waiting}`, confirm);
    }
    if (pending.length > 0) return wrong(`nobody is told of alarms: ${waiting}`, confirm);
    const subscribe = `Deploy with an address: npx sls deploy --stage ${stage} --param="alarmEmail=you@example.org"`;
    if (await isSubscriptionDeployed())
      return wrong(
        'nobody is told of alarms: the address that was deployed has unsubscribed, or never confirmed',
        `Deploy with --param="alarmEmail=none", then with the address again.`,
      );
    return notice('nobody is told of alarms, as it was deployed (alarmEmail=none)', subscribe);
  },
};

/** On a laptop nothing is sent. */
export const outbox: Check<{ outbox: string; readOutbox: () => Promise<Email[]> }> = {
  id: 'subscription',
  title: 'who is told',
  look: async ({ outbox: folder, readOutbox }) => {
    const [newest] = await readOutbox();
    const last = newest === undefined ? 'no e-mail so far' : `the newest e-mail is of ${newest.time}`;
    return fine(`whoever looks into ${folder}: ${last}`);
  },
};

function named({ protocol, endpoint }: Subscription): string {
  return protocol === 'email' ? endpoint : `${protocol} ${endpoint}`;
}
