import { observedParametersSchema } from '../../observability/parameters.ts';
import type { StackState } from '../stack.ts';
import { type Check, fine, notice, wrong } from './check.ts';

/** What every other check and command looks for. */
const OUTPUTS = [
  ...['InboxBucket', 'ResultsBucket', 'ModelsBucket', 'LedgerTable', 'MetricsTable', 'StateMachineArn'],
  ...['AlarmTopicArn', 'DeadLetterQueueUrl', 'ObservedParameters'],
];

/** The statuses of a stack that is as somebody wanted it. */
const WHOLE = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE'];

type Caller = { region: () => Promise<string>; whoAmI: () => Promise<{ account: string; arn: string }> };

export const credentials: Check<Caller> = {
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
