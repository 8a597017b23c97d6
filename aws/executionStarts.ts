import type { SFNClient } from '@aws-sdk/client-sfn';
import type { Executions } from '../core/base/executions.ts';

/**
 * Starts executions, for callers without permission to read them. The client is read on first use, which keeps cold starts short: most containers
 * never start one.
 */
export const startsOf = (stateMachineArn: string, client?: SFNClient): Pick<Executions, 'start' | 'arnOf'> => ({
  start: async (name, input) => {
    const { startExecution } = await import('./startExecution.ts');
    return startExecution({ stateMachineArn, name, input: JSON.stringify(input) }, client);
  },
  arnOf: (name) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`,
});
