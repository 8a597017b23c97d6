import { type Check, type Finding, fine, wrong } from './check.ts';

/** A rule of EventBridge, and the ARNs of what it starts. */
export type Rule = { isEnabled: boolean; schedule: string | null; targets: string[] };
/** Null where there is none of that name. */
export type ReadRule = (name: string) => Promise<Rule | null>;

type Rules = { stage: string; readRule: ReadRule; output: (key: string) => Promise<string> };

/** That a file's event starts the state machine. */
export const arrivalsRule: Check<Rules> = {
  id: 'arrivals rule',
  title: 'arrivals rule',
  needs: ['stack'],
  look: (ports) => lookAt(`swath-${ports.stage}-arrivals`, 'new files wait for the daily sweep', ports),
};

/** That the schedule starts it, too. */
export const sweepRule: Check<Rules> = {
  id: 'sweep rule',
  title: 'sweep rule',
  needs: ['stack'],
  look: (ports) =>
    lookAt(`swath-${ports.stage}-sweep`, 'lost events, failed runs and closed days are not looked after', ports),
};

async function lookAt(name: string, consequence: string, { stage, readRule, output }: Rules): Promise<Finding> {
  const again = `Deploy it again: npx sls deploy --stage ${stage}`;
  const rule = await readRule(name);
  if (rule === null) return wrong(`there is no rule ${name}: ${consequence}`, again);
  if (!rule.isEnabled)
    return wrong(`the rule ${name} is disabled: ${consequence}`, `Enable it: aws events enable-rule --name ${name}`);
  if (!rule.targets.includes(await output('StateMachineArn')))
    return wrong(`the rule ${name} does not start the state machine: ${consequence}`, again);
  return fine(`${name} is enabled${rule.schedule === null ? '' : `, ${rule.schedule}`}`);
}

export const inboxEvents: Check<{
  stage: string;
  output: (key: string) => Promise<string>;
  sendsEvents: (bucket: string) => Promise<boolean>;
}> = {
  id: 'inbox events',
  title: 'inbox events',
  needs: ['buckets'],
  look: async ({ stage, output, sendsEvents }) => {
    const bucket = await output('InboxBucket');
    if (await sendsEvents(bucket)) return fine(`${bucket} sends its events to EventBridge`);
    return wrong(
      `${bucket} does not send its events to EventBridge: new files wait for the daily sweep`,
      `Switch it on in the bucket's properties, under Event notifications, or deploy again: npx sls deploy --stage ${stage}`,
    );
  },
};
