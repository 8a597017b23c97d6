import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { patience } from './patience.ts';

/** Reads a secret from an SSM parameter, without caching; undefined if there is no such parameter. */
export function secretIn(Name: string, client = new SSMClient(patience)): () => Promise<string | undefined> {
  return async () => {
    try {
      const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }));
      return Parameter?.Value;
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined;
      throw error;
    }
  };
}
