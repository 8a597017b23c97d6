import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { patience } from '../../aws/patience.ts';
import { outputsOf } from '../../aws/stackOutputs.ts';
import { WrongUse } from '../terminal/output.ts';
import type { Where } from './where.ts';

export type Account = Pick<Where, 'region' | 'profile'>;

export function clientConfig({ region, profile }: Account) {
  return { ...patience, ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) };
}

export const stackName = (stage: string): string => `swath-${stage}`;

export type StackState = Awaited<ReturnType<typeof readStack>>;

/** Reads the fields of a CloudFormation stack that tell whether it can be used. */
export async function readStack(stage: string, client: CloudFormationClient) {
  const name = stackName(stage);
  const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
  const status: string = stack?.StackStatus ?? 'REVIEW_IN_PROGRESS';
  const changed = stack?.LastUpdatedTime ?? stack?.CreationTime ?? null;
  return { name, status, reason: stack?.StackStatusReason, changed, outputs: outputsOf(stack) };
}

export const inboxPrefixOf = (output: (key: string, none: string) => string): string =>
  output('InboxUrl', '').slice(`s3://${output('InboxBucket', '')}/`.length);

export async function readOutputs(stage: string, client: CloudFormationClient) {
  const stack = await readStack(stage, client);
  const obstacle = obstacleOf(stage, stack);
  if (obstacle !== undefined) throw new Error(`the stack ${stack.name} ${obstacle}`);
  return (key: string, none?: string): string => outputOf(stack, key, none);
}

/** An output of a stack; throws if it is missing and has no default. */
export function outputOf({ name, outputs }: StackState, key: string, none?: string): string {
  const output = outputs[key] ?? none;
  if (output === undefined) throw new WrongUse(`the stack ${name} has no output ${key}; deploy it again.`);
  return output;
}

/** Why a stack cannot be used, with a remedy; undefined if it can. */
function obstacleOf(stage: string, { status, reason }: StackState): string | undefined {
  const why = reason === undefined ? '' : ` (${reason})`;
  if (/^(CREATE_FAILED|ROLLBACK_|REVIEW_)/.test(status))
    return `was never deployed completely: it is ${status}${why}. Its events in CloudFormation say what went wrong; then "npx sls remove --stage ${stage}", and deploy it again.`;
  if (status === 'CREATE_IN_PROGRESS') return 'is being deployed for the first time. Wait until that is done.';
  if (status === 'DELETE_IN_PROGRESS') return `is being removed${why}. Deploy it again once that is done.`;
  if (status === 'DELETE_FAILED')
    return `is partly removed: it is ${status}${why}. Remove the rest with "npx sls remove --stage ${stage}".`;
  return undefined; // during an update, or after a rollback, the previous version works
}
