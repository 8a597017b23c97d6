import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { withoutSecrets } from './withoutSecrets.ts';

const TOKEN = 'IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQD';
const SIGNATURE = 'fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024';

describe('a secret is hidden:', () => {
  for (const [title, text, shown] of [
    [
      "a signed address's signature, key and token",
      `GET https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260301&X-Amz-Expires=900&X-Amz-Security-Token=${TOKEN}&X-Amz-Signature=${SIGNATURE} failed`,
      'GET https://b.s3.amazonaws.com/k?X-Amz-Credential=(hidden)&X-Amz-Expires=900&X-Amz-Security-Token=(hidden)&X-Amz-Signature=(hidden) failed',
    ],
    [
      'a signed address of the older kind',
      'https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D&Expires=1',
      'https://b.s3.amazonaws.com/k?AWSAccessKeyId=(hidden)&Signature=(hidden)&Expires=1',
    ],
    [
      'the authorization header of a signed request',
      `Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260301, Signature=${SIGNATURE}`,
      'Authorization: (hidden)',
    ],
    [
      // https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
      'the token in the canonical request that AWS returns when a signature does not match',
      `The Canonical String for this request should have been\n'POST\n/\n\nhost:dynamodb.us-east-1.amazonaws.com\nx-amz-date:20260301T000000Z\nx-amz-security-token:${TOKEN}\n\nhost;x-amz-date`,
      "The Canonical String for this request should have been\n'POST\n/\n\nhost:dynamodb.us-east-1.amazonaws.com\nx-amz-date:20260301T000000Z\nx-amz-security-token:(hidden)\n\nhost;x-amz-date",
    ],
    ['an access key by itself', 'the key AKIAIOSFODNN7EXAMPLE is not active', 'the key AKIA(hidden) is not active'],
    ['a temporary key', 'ASIAIOSFODNN7EXAMPLE', 'ASIA(hidden)'],
    [
      'settings',
      'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG aws_session_token = "abc" {"secretAccessKey":"wJalrXUtn","password":"x y"}',
      'AWS_SECRET_ACCESS_KEY=(hidden) aws_session_token = "(hidden)" {"secretAccessKey":"(hidden)","password":"(hidden) y"}',
    ],
    ['a bearer token', 'Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc-_', 'Bearer (hidden)'],
    [
      "webhooks' addresses",
      'to https://hooks.slack.com/services/T0/B0/x, "https://x.webhook.office.com/webhookb2/y" and http://chat:8065/hooks/z',
      'to https://hooks.slack.com/(hidden) "https://x.webhook.office.com/(hidden)" and http://chat:8065/hooks/(hidden)',
    ],
    ['a name and a password in an address', 'https://me:secret@host/path', 'https://(hidden)@host/path'],
  ] as const)
    test(title, () => assert.equal(withoutSecrets(text), shown));

  const own = { ...process.env };
  afterEach(() => {
    for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
      if (own[name] === undefined) delete process.env[name];
      else process.env[name] = own[name];
  });

  test("this process's own credentials, wherever they turn up", () => {
    process.env['AWS_SECRET_ACCESS_KEY'] = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
    process.env['AWS_SESSION_TOKEN'] = TOKEN;
    assert.equal(withoutSecrets(`a${process.env['AWS_SECRET_ACCESS_KEY']}b ${TOKEN}`), 'a(hidden)b (hidden)');
  });

  test('but not the word "test" where a test uses it as its credentials', () => {
    process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
    assert.equal(withoutSecrets('this is a test'), 'this is a test');
  });
});

describe('text without secrets stays as it is:', () => {
  for (const text of [
    'north/part-r-00012: record 3 at byte 100: band B4 is missing',
    `arn:aws:states:us-east-1:123456789012:execution:swath-dev-pipeline:${'0f'.repeat(16)}-1`,
    'User: arn:aws:sts::123456789012:assumed-role/swath-dev-InferRole-AKIA/swath-dev-infer is not authorized to perform: s3:GetObject',
    'Unexpected token \'a\', "abc" is not valid JSON',
    'ProvisionedThroughputExceededException: The level of configured provisioned throughput was exceeded',
    'https://127.0.0.1:4680/runs?state=FAILED',
    's3://bucket/a:b@c',
  ])
    test(text, () => assert.equal(withoutSecrets(text), text));
});
