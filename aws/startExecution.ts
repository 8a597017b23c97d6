import {
  ExecutionAlreadyExists,
  SFNClient,
  StartExecutionCommand,
  type StartExecutionInput,
} from '@aws-sdk/client-sfn';
import { onError } from '../core/base/errors.ts';
import { lazily } from '../core/base/lazily.ts';
import { patience } from './patience.ts';

export const stepFunctions = lazily(() => new SFNClient(patience));

export async function startExecution(input: StartExecutionInput, client = stepFunctions()) {
  const sent = client.send(new StartExecutionCommand(input));
  return sent.then(() => 'started' as const).catch(onError(ExecutionAlreadyExists, () => 'known' as const));
}
