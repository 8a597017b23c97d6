import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { onError } from '../core/base/errors.ts';
import { patience } from './patience.ts';

/** Reads a secret from an SSM parameter, without caching; undefined if there is no such parameter. */
export function secretIn(Name: string, client = new SSMClient(patience)): () => Promise<string | undefined> {
  return async () => {
    const reading = client.send(new GetParameterCommand({ Name, WithDecryption: true }));
    return (await reading.catch(onError(ParameterNotFound, () => undefined)))?.Parameter?.Value;
  };
}
