import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GetParameterCommand, ParameterNotFound, SSMClient, SSMServiceException } from '@aws-sdk/client-ssm';
import { secretIn } from './parameterStore.ts';

/** A client that answers, or throws, without a network. */
function ssmThat(answer: () => unknown) {
  const asked: unknown[] = [];
  const client = new SSMClient({ region: 'us-east-1' });
  client.send = (async (command: GetParameterCommand) => {
    assert.ok(command instanceof GetParameterCommand);
    asked.push(command.input);
    return answer();
  }) as never;
  return { client, asked };
}

describe('a secret in an SSM parameter', () => {
  test('is read in clear, each time', async () => {
    const { client, asked } = ssmThat(() => ({ Parameter: { Value: 'secret' } }));
    const read = secretIn('/swath/hook', client);
    assert.deepEqual([await read(), await read()], ['secret', 'secret']);
    assert.deepEqual(
      asked,
      [1, 2].map(() => ({ Name: '/swath/hook', WithDecryption: true })),
    );
  });

  test('may be missing', async () => {
    const { client } = ssmThat(() => {
      throw new ParameterNotFound({ message: 'none', $metadata: {} });
    });
    assert.equal(await secretIn('/swath/hook', client)(), undefined);
  });

  test('that may not be read is an error', async () => {
    const { client } = ssmThat(() => {
      throw new SSMServiceException({ name: 'AccessDeniedException', $fault: 'client', message: 'no', $metadata: {} });
    });
    await assert.rejects(secretIn('/swath/hook', client)(), { name: 'AccessDeniedException' });
  });
});
