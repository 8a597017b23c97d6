import { ExecutionAlreadyExists, StartExecutionCommand, type StartExecutionInput } from '@aws-sdk/client-sfn';
import { onError } from '../core/base/errors.ts';
import { stepFunctions } from './stepFunctions.ts';

export async function startExecution(
  input: StartExecutionInput,
  client = stepFunctions(),
): Promise<'started' | 'known'> {
  const sent = client.send(new StartExecutionCommand(input));
  return sent.then(() => 'started' as const).catch(onError(ExecutionAlreadyExists, () => 'known' as const));
}
