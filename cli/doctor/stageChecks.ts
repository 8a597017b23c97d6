import { arrivalsQueue } from '../../observability/alarms.ts';
import { observedParametersSchema } from '../../observability/parameters.ts';
import type { StackState } from '../stack.ts';
import { type Check, type Finding, fine, notice, wrong } from './check.ts';

/** What only a deployed stage has to be looked at. */

/** What every other check and command looks for. */
const OUTPUTS = [
  ...['InboxBucket', 'ResultsBucket', 'ModelsBucket', 'LedgerTable', 'MetricsTable', 'StateMachineArn'],
  ...['AlarmTopicArn', 'DeadLetterQueueUrl', 'ObservedParameters'],
];

/** The statuses of a stack that is as somebody wanted it. */
const WHOLE = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE'];

export const credentials: Check<{
  region: () => Promise<string>;
  whoAmI: () => Promise<{ account: string; arn: string }>;
}> = {
  id: 'credentials',
  title: 'credentials',
  look: async ({ region, whoAmI }) => {
    const [where, { account, arn }] = [await region(), await whoAmI()];
    return fine(`${arn}, in account ${account}, ${where}`);
  },
};

export const stack: Check<{ stage: string; readStack: () => Promise<StackState> }> = {
  id: 'stack',
  title: 'stack',
  needs: ['credentials'],
  look: async ({ stage, readStack }) => {
    const { name, status, changed, outputs } = await readStack();
    const again = `Deploy it again: npx sls deploy --stage ${stage}`;
    const found = `${name} is ${status}${changed === null ? '' : ` since ${changed.toISOString()}`}`;
    if (status.endsWith('_IN_PROGRESS')) return notice(found, 'Look again when that is over.');
    // The last change was taken back: it works as it did before.
    if (status === 'UPDATE_ROLLBACK_COMPLETE')
      return notice(found, `The last deployment was taken back. See its error in CloudFormation's events. ${again}`);
    if (!WHOLE.includes(status)) return wrong(found, `See its error in CloudFormation's events. ${again}`);
    const missing = OUTPUTS.filter((key) => outputs[key] === undefined);
    const isOther = !isObserved(outputs['ObservedParameters']);
    if (missing.length === 0 && !isOther) return fine(found);
    const what = missing.length === 0 ? 'says other things than it should' : `has no output ${missing.join(', ')}`;
    return {
      ...wrong(`${name} ${what}: it was deployed from another version of Swath`, again),
      letsOthersLook: true,
    };
  },
};

function isObserved(text = '{}'): boolean {
  try {
    return observedParametersSchema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

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
    const subscribe = `Deploy with an address: npx sls deploy --stage ${stage} --param="alarmEmail=you@example.org"`;
    if (confirmed.length > 0) {
      const told = confirmed.map(named).join(', ');
      if (pending.length > 0) return notice(`${told}; ${waiting}`, confirm);
      // Its own alarm is not posted there.
      const isWebhookAlone = confirmed.every(({ protocol }) => protocol === 'lambda');
      return isWebhookAlone ? notice(`${told}, and nobody where that fails`, subscribe) : fine(told);
    }
    if (pending.length > 0) return wrong(`nobody is told of alarms: ${waiting}`, confirm);
    if (await isSubscriptionDeployed())
      return wrong(
        'nobody is told of alarms: the address that was deployed has unsubscribed, or never confirmed',
        `Deploy with --param="alarmEmail=none", then with the address again.`,
      );
    return notice('nobody is told of alarms, as it was deployed (alarmEmail=none)', subscribe);
  },
};

function named({ protocol, endpoint }: Subscription): string {
  if (protocol === 'lambda') return `the webhook, by ${endpoint.split(':').at(-1)}`;
  return protocol === 'email' ? endpoint : `${protocol} ${endpoint}`;
}

/** A rule of EventBridge, and the ARNs of what it starts. */
export type Rule = { isEnabled: boolean; schedule: string | null; targets: string[] };
/** Null where there is none of that name. */
export type ReadRule = (name: string) => Promise<Rule | null>;

type Rules = { stage: string; readRule: ReadRule; output: (key: string) => Promise<string> };

/** That a file's event starts the state machine, or goes to the queue where those of several files are gathered. */
export const arrivalsRule: Check<Rules> = {
  id: 'arrivals rule',
  title: 'arrivals rule',
  needs: ['stack'],
  look: (ports) =>
    lookAt(`swath-${ports.stage}-arrivals`, 'new files wait for the daily sweep', ports, arrivalsQueue(ports.stage)),
};

/** That the schedule starts it, too. */
export const sweepRule: Check<Rules> = {
  id: 'sweep rule',
  title: 'sweep rule',
  needs: ['stack'],
  look: (ports) =>
    lookAt(`swath-${ports.stage}-sweep`, 'lost events, failed runs and closed days are not looked after', ports),
};

async function lookAt(
  name: string,
  consequence: string,
  { stage, readRule, output }: Rules,
  queue?: string,
): Promise<Finding> {
  const again = `Deploy it again: npx sls deploy --stage ${stage}`;
  const rule = await readRule(name);
  if (rule === null) return wrong(`there is no rule ${name}: ${consequence}`, again);
  if (!rule.isEnabled)
    return wrong(`the rule ${name} is disabled: ${consequence}`, `Enable it: aws events enable-rule --name ${name}`);
  const isGathered = queue !== undefined && rule.targets.some((target) => target.endsWith(`:${queue}`));
  if (!isGathered && !rule.targets.includes(await output('StateMachineArn')))
    return wrong(`the rule ${name} does not start the state machine: ${consequence}`, again);
  return fine(`${name} is enabled${rule.schedule === null ? '' : `, ${rule.schedule}`}`);
}

/** Where a bucket sends its events, of those who start something. */
export type EventsGoTo = 'EventBridge' | 'the queue of arrivals' | 'both' | 'nobody';

export const inboxEvents: Check<{
  stage: string;
  output: (key: string) => Promise<string>;
  sendsEvents: (bucket: string) => Promise<EventsGoTo>;
}> = {
  id: 'inbox events',
  title: 'inbox events',
  needs: ['buckets'],
  look: async ({ stage, output, sendsEvents }) => {
    const bucket = await output('InboxBucket');
    const goTo = await sendsEvents(bucket);
    const again = `deploy again: npx sls deploy --stage ${stage}`;
    if (goTo === 'both')
      return notice(
        `${bucket} sends its events to the queue of arrivals and to EventBridge as well: nothing is classified twice, but each costs twice`,
        `To end that, ${again}`,
      );
    if (goTo !== 'nobody') return fine(`${bucket} sends its events to ${goTo}`);
    return wrong(
      `${bucket} does not send its events to EventBridge, nor to a queue of this stage: new files wait for the daily sweep`,
      `Switch EventBridge on in the bucket's properties, under Event notifications, or ${again}`,
    );
  },
};

/** That nothing lies where all goes that is given up. */
export const deadLetters: Check<{ command: (text: string) => string; countDeadLetters: () => Promise<number> }> = {
  id: 'dead letters',
  title: 'dead letters',
  needs: ['stack'],
  look: async ({ command, countDeadLetters }) => {
    const count = await countDeadLetters();
    if (count === 0) return fine('none');
    return wrong(
      `${count === 1 ? 'one event or request' : `about ${count} events or requests`} could not be delivered or taken`,
      `See what and why: ${command('redrive --dry-run')}. Put them back: ${command('redrive')}`,
    );
  },
};
