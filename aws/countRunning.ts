import { ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';

const MAX_EXECUTIONS_PER_LIST = 1000; // ListExecutions

/** Counts the executions that have not ended, up to a page of them. */
export function countRunning(stateMachineArn: string, client: SFNClient): () => Promise<number> {
  return async () => {
    const request = { stateMachineArn, statusFilter: 'RUNNING', maxResults: MAX_EXECUTIONS_PER_LIST } as const;
    const { executions = [] } = await client.send(new ListExecutionsCommand(request));
    return executions.length;
  };
}
