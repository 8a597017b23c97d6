import type { SFNClient } from '@aws-sdk/client-sfn';
import type { Executions } from '../core/base/executions.ts';
import { startsOf } from './executionStarts.ts';

export const executionsOf = (stateMachineArn: string, client?: SFNClient): Executions => ({
  ...startsOf(stateMachineArn, client),
  describe: async (execution) => (await import('./describeExecution.ts')).describeExecution(execution, client),
});
