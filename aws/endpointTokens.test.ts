import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tokensOf } from './askEndpoint.ts';

describe('the tokens of servers', () => {
  test('are each for the server that stands before it, and for no other', async () => {
    const tokenOf = tokensOf('models.example.org=abc==, http://10.0.0.5:8000=d');
    for (const [origin, token] of [
      ['https://models.example.org', 'abc=='],
      ['http://10.0.0.5:8000', 'd'],
      ['http://models.example.org', undefined],
      ['https://models.example.org:8443', undefined],
      ['https://evil.models.example.org', undefined],
    ] as const)
      assert.equal(await tokenOf(origin), token, origin);
  });

  test('come from an SSM parameter if one is named, which is to be there', async () => {
    const read = async (name: string) => (name === '/a' ? 'models.example.org=abc' : undefined);
    assert.equal(await tokensOf(undefined, '/a', read)('https://models.example.org'), 'abc');
    const message =
      /^There is no SSM parameter \/b, which is to hold HOST=TOKEN .*aws ssm put-parameter --type SecureString --name \/b /;
    await assert.rejects(tokensOf('x=y', '/b', read)('https://models.example.org'), {
      name: 'InvalidModelPackage',
      message,
    });
  });

  for (const token of ['', 'two words', 'a\nb', 'ä'])
    test(`are refused without being cited if a header cannot hold them: ${JSON.stringify(token)}`, () =>
      assert.rejects(tokensOf(`models.example.org=${token}`)('https://models.example.org'), {
        message: 'The token for https://models.example.org is empty, or has characters that a header may not have.',
      }));
});
