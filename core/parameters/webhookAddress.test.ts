import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { webhookAddress } from './webhookAddress.ts';

describe('the address of a webhook', () => {
  for (const [text, isOne, isOneHere] of [
    ['https://hooks.slack.com/services/T0/B0/secret', true, true],
    [' https://chat.example.org/hooks/secret\n', true, true],
    ['http://chat.example.org/hooks/secret', false, false],
    ['http://127.0.0.1:8065/hooks/secret', false, true],
    ['http://localhost:8065/hooks/secret', false, true],
    ['http://[::1]:8065/hooks/secret', false, true],
    ['http://127.0.0.1.example.org/hooks/secret', false, false],
    ['http://localhost.example.org/hooks/secret', false, false],
    ['https://user:password@hooks.slack.com/services/T0', false, false],
    ['http://user@127.0.0.1/', false, false],
    ['file:///etc/passwd', false, false],
    ['hooks.slack.com/services/T0/B0/secret', false, false],
    ['', false, false],
  ] as const)
    test(`may be ${JSON.stringify(text)}: ${isOne}, on this machine ${isOneHere}`, () => {
      assert.equal(webhookAddress(text) !== undefined, isOne);
      assert.equal(webhookAddress(text, { isLoopbackFine: true }) !== undefined, isOneHere);
    });
});
