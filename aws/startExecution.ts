import * as sfn from '@aws-sdk/client-sfn';
import { onError } from '../core/base/errors.ts';
import { lazily } from '../core/base/lazily.ts';
import { patience } from './patience.ts';

export const stepFunctions = lazily(() => new sfn.SFNClient(patience));

export async function startExecution(input: sfn.StartExecutionInput, client = stepFunctions()) {
  const sent = client.send(new sfn.StartExecutionCommand(input));
  return sent.then(() => 'started' as const).catch(onError(sfn.ExecutionAlreadyExists, () => 'known' as const));
}
