import { DescribeExecutionCommand, ExecutionDoesNotExist } from '@aws-sdk/client-sfn';
import { onError } from '../core/base/errors.ts';
import type { ExecutionStatus } from '../core/base/executions.ts';
import { stepFunctions } from './startExecution.ts';

export async function describeExecution(executionArn: string, client = stepFunctions()): Promise<ExecutionStatus> {
  const command = new DescribeExecutionCommand({ executionArn });
  const found = await client.send(command).catch(onError(ExecutionDoesNotExist, () => undefined));
  if (found === undefined) return { status: 'UNKNOWN' };
  const { status, error, cause, output } = found;
  if (status === 'SUCCEEDED') return output === undefined ? { status } : { status, output: JSON.parse(output) };
  return status === 'RUNNING' || status === 'PENDING_REDRIVE'
    ? { status: 'RUNNING' }
    : { status: 'FAILED', error: error ?? status, cause };
}
