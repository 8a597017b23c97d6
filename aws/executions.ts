import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { onError } from '../core/base/errors.ts';
import type { ExecutionStatus, Executions } from '../core/base/executions.ts';
import { lazily } from '../core/base/lazily.ts';
import { patience } from './patience.ts';

/** Made on first use, which keeps cold starts short: most containers never start an execution. */
const ownClient = lazily(() => new SFNClient(patience));

export function executionsOf(stateMachineArn: string, client?: SFNClient): Executions {
  return { ...startsOf(stateMachineArn, client), describe: (execution) => describe(execution, client ?? ownClient()) };
}

/** The part that starts executions, for callers without permission to read them. */
export const startsOf = (stateMachineArn: string, client?: SFNClient): Pick<Executions, 'start' | 'arnOf'> => ({
  start: async (name, input) => {
    const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
    const sent = (client ?? ownClient()).send(command);
    return sent.then(() => 'started' as const).catch(onError(ExecutionAlreadyExists, () => 'known' as const));
  },
  arnOf: (name) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`,
});

async function describe(executionArn: string, client: SFNClient): Promise<ExecutionStatus> {
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
