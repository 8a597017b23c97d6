import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Executions } from '../executions.ts';
import { patience } from './patience.ts';

/** Step Functions behind the executions' port. */
export function executionsOf(stateMachineArn: string, client = new SFNClient(patience)): Executions {
  return {
    start: async (name, input) => {
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
        return 'started';
      } catch (error) {
        if (error instanceof ExecutionAlreadyExists) return 'name taken';
        throw error;
      }
    },
    describe: async (executionArn) => {
      try {
        const { status, error, cause, output } = await client.send(new DescribeExecutionCommand({ executionArn }));
        if (status === 'SUCCEEDED') return output === undefined ? { status } : { status, output: JSON.parse(output) };
        return status === 'RUNNING' || status === 'PENDING_REDRIVE'
          ? { status: 'RUNNING' }
          : { status: 'FAILED', error: error ?? status, cause };
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return { status: 'UNKNOWN' };
        throw error;
      }
    },
    arnOf: (name) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`,
  };
}

const MAX_EXECUTIONS_PER_LIST = 1000; // ListExecutions

/** Counts the executions that have not ended, up to a page of them. */
export function countRunning(stateMachineArn: string, client: SFNClient): () => Promise<number> {
  return async () => {
    const { executions = [] } = await client.send(
      new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING', maxResults: MAX_EXECUTIONS_PER_LIST }),
    );
    return executions.length;
  };
}
