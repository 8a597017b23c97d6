import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  type StartExecutionInput,
} from '@aws-sdk/client-sfn';
import { onError } from '../core/base/errors.ts';
import type { ExecutionStatus } from '../core/base/executions.ts';
import { lazily } from '../core/base/lazily.ts';
import { patience } from './patience.ts';

const ownClient = lazily(() => new SFNClient(patience));

export async function start(input: StartExecutionInput, client = ownClient()): Promise<'started' | 'known'> {
  const sent = client.send(new StartExecutionCommand(input));
  return sent.then(() => 'started' as const).catch(onError(ExecutionAlreadyExists, () => 'known' as const));
}

export async function describe(executionArn: string, client = ownClient()): Promise<ExecutionStatus> {
  const command = new DescribeExecutionCommand({ executionArn });
  const found = await client.send(command).catch(onError(ExecutionDoesNotExist, () => undefined));
  if (found === undefined) return { status: 'UNKNOWN' };
  const { status, error, cause, output } = found;
  if (status === 'SUCCEEDED') return output === undefined ? { status } : { status, output: JSON.parse(output) };
  return status === 'RUNNING' || status === 'PENDING_REDRIVE'
    ? { status: 'RUNNING' }
    : { status: 'FAILED', error: error ?? status, cause };
}

const MAX_EXECUTIONS_PER_LIST = 1000; // ListExecutions

/** Counts the executions that have not ended, up to a page of them. */
export function countRunning(stateMachineArn: string, client: SFNClient): () => Promise<number> {
  return async () => {
    const request = { stateMachineArn, statusFilter: 'RUNNING', maxResults: MAX_EXECUTIONS_PER_LIST } as const;
    const { executions = [] } = await client.send(new ListExecutionsCommand(request));
    return executions.length;
  };
}
