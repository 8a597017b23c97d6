import { jsonIn } from '../../core/base/errors.ts';
import { observedParametersSchema } from '../../observability/parameters.ts';
import { type Check, fine, notice, wrong } from './check.ts';
import type { StagePorts } from './stagePorts.ts';

type StageCheck<Port extends keyof StagePorts> = Check<Pick<StagePorts, Port>>;

export const credentials: StageCheck<'region' | 'whoAmI'> = {
  id: 'credentials',
  look: async ({ region, whoAmI }) => {
    const [where, { account, arn }] = [await region(), await whoAmI()];
    return fine(`${arn}, in account ${account}, ${where}`);
  },
};

/** Checks the CloudFormation stack, on which every other check and command relies; each names the output that it lacks. */
export const stack: StageCheck<'stage' | 'readStack'> = {
  id: 'stack',
  needs: ['credentials'],
  look: async ({ stage, readStack }) => {
    const { name, status, changed, outputs } = await readStack();
    const again = `Deploy it again: npx sls deploy --stage ${stage}`;
    const found = `${name} is ${status}${changed === null ? '' : ` since ${changed.toISOString()}`}`;
    if (status.endsWith('_IN_PROGRESS')) return notice(found, 'Look again when that is over.');
    // The last change was rolled back: the stack works as before.
    if (status === 'UPDATE_ROLLBACK_COMPLETE')
      return notice(found, `The last deployment was taken back. See its error in CloudFormation's events. ${again}`);
    if (!/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status))
      return wrong(found, `See its error in CloudFormation's events. ${again}`);
    if (observedParametersSchema.safeParse(jsonIn(outputs['ObservedParameters'] ?? '')).success) return fine(found);
    return { ...wrong(`${name} was deployed from another version of Swath`, again), letsOthersLook: true };
  },
};

export const subscription: StageCheck<'stage' | 'readSubscriptions' | 'isSubscriptionDeployed'> = {
  id: 'subscription',
  title: 'who is told',
  needs: ['stack'],
  look: async ({ stage, readSubscriptions, isSubscriptionDeployed }) => {
    const all = await readSubscriptions();
    const confirmed = all.filter(({ isConfirmed }) => isConfirmed);
    const pending = all.filter(({ isConfirmed }) => !isConfirmed);
    const waiting = `${pending.map(named).join(', ')} has not confirmed yet`;
    const confirm = `Open the e-mail "AWS Notification - Subscription Confirmation" and follow its link. If it is lost, deploy with --param="alarmEmail=none", then with the address again.`;
    const subscribe = `Deploy with an address: npx sls deploy --stage ${stage} --param="alarmEmail=you@example.org"`;
    if (confirmed.length > 0) {
      const told = confirmed.map(named).join(', ');
      if (pending.length > 0) return notice(`${told}; ${waiting}`, confirm);
      // The webhook's own alarm is not posted to it.
      const isWebhookAlone = confirmed.every(({ protocol }) => protocol === 'lambda');
      return isWebhookAlone ? notice(`${told}, and nobody where that fails`, subscribe) : fine(told);
    }
    if (pending.length > 0) return wrong(`nobody is notified of alarms: ${waiting}`, confirm);
    if (await isSubscriptionDeployed())
      return wrong(
        'nobody is notified of alarms: the address that was deployed has unsubscribed, or never confirmed',
        `Deploy with --param="alarmEmail=none", then with the address again.`,
      );
    return notice('nobody is notified of alarms, as it was deployed (alarmEmail=none)', subscribe);
  },
};

function named({ protocol, endpoint }: { protocol: string; endpoint: string }): string {
  if (protocol === 'lambda') return `the webhook, by ${endpoint.split(':').at(-1)}`;
  return protocol === 'email' ? endpoint : `${protocol} ${endpoint}`;
}

/** Checks that a file's event starts the state machine, or goes to the queue that gathers arrivals. */
export const arrivalsRule = ruleCheck('arrivals', 'new files wait for the daily sweep');
export const sweepRule = ruleCheck('sweep', 'nothing recovers lost events and failed runs, or judges closed days');

function ruleCheck(of: string, consequence: string): StageCheck<'stage' | 'readRule' | 'output'> {
  const look = async ({ stage, readRule, output }: Pick<StagePorts, 'stage' | 'readRule' | 'output'>) => {
    const name = `swath-${stage}-${of}`;
    const again = `Deploy it again: npx sls deploy --stage ${stage}`;
    const rule = await readRule(name);
    if (rule === null) return wrong(`there is no rule ${name}: ${consequence}`, again);
    if (!rule.isEnabled)
      return wrong(`the rule ${name} is disabled: ${consequence}`, `Enable it: aws events enable-rule --name ${name}`);
    const isGathered = rule.targets.some((target) => target.endsWith(`:${name}`));
    if (!isGathered && !rule.targets.includes(await output('StateMachineArn')))
      return wrong(`the rule ${name} does not start the state machine: ${consequence}`, again);
    return fine(`${name} is enabled${rule.schedule === null ? '' : `, ${rule.schedule}`}`);
  };
  return { id: `${of} rule`, needs: ['stack'], look };
}

export const inboxEvents: StageCheck<'stage' | 'output' | 'sendsEvents'> = {
  id: 'inbox events',
  needs: ['buckets'],
  look: async ({ stage, output, sendsEvents }) => {
    const bucket = await output('InboxBucket');
    const goTo = await sendsEvents(bucket);
    if (goTo !== 'nobody') return fine(`${bucket} sends its events to ${goTo}`);
    return wrong(
      `${bucket} sends its events neither to EventBridge nor to a queue of this stage: new files wait for the daily sweep`,
      `Switch EventBridge on in the bucket's properties, under Event notifications, or deploy again: npx sls deploy --stage ${stage}`,
    );
  },
};

export const deadLetters: StageCheck<'command' | 'countDeadLetters'> = {
  id: 'dead letters',
  needs: ['stack'],
  look: async ({ command, countDeadLetters }) => {
    const count = await countDeadLetters();
    if (count === 0) return fine('none');
    return wrong(
      `${count === 1 ? 'one event or request' : `about ${count} events or requests`} could not be delivered or processed`,
      `See which and why: ${command('redrive --dry-run')}. Put them back: ${command('redrive')}`,
    );
  },
};
