import type { SFNClient } from '@aws-sdk/client-sfn';
import type { Executions } from '../core/base/executions.ts';

/** Read on first use, which keeps cold starts short: most containers never start an execution. */
const client = () => import('./stepFunctions.ts');

export const executionsOf = (stateMachineArn: string, own?: SFNClient): Executions => ({
  ...startsOf(stateMachineArn, own),
  describe: async (execution) => (await client()).describe(execution, own),
});

/** The part that starts executions, for callers without permission to read them. */
export const startsOf = (stateMachineArn: string, own?: SFNClient): Pick<Executions, 'start' | 'arnOf'> => ({
  start: async (name, input) => (await client()).start({ stateMachineArn, name, input: JSON.stringify(input) }, own),
  arnOf: (name) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`,
});
