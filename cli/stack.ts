import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { patience } from '../aws/patience.ts';
import { WrongUse } from './failure.ts';
import type { Where } from './where.ts';

/** A CloudFormation stack, as far as it says whether it can be worked with. */
export type StackState = {
  name: string;
  status: string;
  /** Why it is in that state, where CloudFormation says so. */
  reason: string | undefined;
  changed: Date | null;
  outputs: Record<string, string>;
};

export type Account = Pick<Where, 'region' | 'profile'>;

/** How every client of an account is made. */
export function clientConfig({ region, profile }: Account) {
  return { ...patience, ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) };
}

export const stackName = (stage: string): string => `swath-${stage}`;

/** A stage's stack, whatever state it is in. */
export async function readStack(stage: string, client: CloudFormationClient): Promise<StackState> {
  const name = stackName(stage);
  const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
  const { StackStatus: status = 'REVIEW_IN_PROGRESS', LastUpdatedTime, CreationTime, Outputs = [] } = stack ?? {};
  const outputs = Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  return { name, status, reason: stack?.StackStatusReason, changed: LastUpdatedTime ?? CreationTime ?? null, outputs };
}

/** Where in its bucket a stage's inbox begins, from its outputs; a stack of a release before this one has no `InboxUrl`. */
export function inboxPrefixOf(output: (key: string, none: string) => string): string {
  const { bucket, url } = { bucket: output('InboxBucket', ''), url: output('InboxUrl', '') };
  return url.slice(`s3://${bucket}/`.length);
}

/** The stack's outputs by their keys; one that is missing is an error, unless there is something to take in its place. */
export async function readOutputs(
  stage: string,
  client: CloudFormationClient,
): Promise<(key: string, none?: string) => string> {
  const stack = await readStack(stage, client);
  const obstacle = obstacleOf(stage, stack);
  if (obstacle !== undefined) throw new Error(`the stack ${stack.name} ${obstacle}`);
  return (key, none) => {
    const output = stack.outputs[key] ?? none;
    if (output === undefined) throw new WrongUse(`the stack ${stack.name} has no output ${key}; deploy it again.`);
    return output;
  };
}

/** Why nothing can be done with a stack as it stands, and the way out; undefined where it has what it takes. */
function obstacleOf(stage: string, { status, reason }: StackState): string | undefined {
  const why = reason === undefined ? '' : ` (${reason})`;
  if (/^(CREATE_FAILED|ROLLBACK_|REVIEW_)/.test(status))
    return `was never deployed whole: it is ${status}${why}. Its events in CloudFormation say what went wrong; then "npx sls remove --stage ${stage}", and deploy it again.`;
  if (status === 'CREATE_IN_PROGRESS') return 'is being deployed for the first time just now. Wait until that is done.';
  if (status === 'DELETE_IN_PROGRESS') return `is being removed just now${why}. Deploy it again once that is done.`;
  if (status === 'DELETE_FAILED')
    return `is removed in part: it is ${status}${why}. Remove the rest with "npx sls remove --stage ${stage}".`;
  return undefined; // an update that goes on, or was taken back, leaves what was there
}
