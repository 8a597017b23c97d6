import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { explainAwsError, noteOperations } from './explainAwsError.ts';
import { exitCodeOf, sentenceOf } from './output.ts';

/** An error as an AWS client throws it. */
function awsError(name: string, message: string, more: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), {
    name,
    $metadata: { httpStatusCode: 400 },
    operation: 'S3 PutObject',
    ...more,
  });
}

const user = 'User: arn:aws:iam::123456789012:user/me';
const ERRORS: [what: string, error: Error, says: RegExp, exitCode: 1 | 2][] = [
  [
    'no credentials',
    awsError('CredentialsProviderError', 'Could not load credentials from any providers', { $metadata: undefined }),
    /^no valid AWS credentials were found .*aws sso login.*--profile, of those that "aws configure list-profiles" lists\.$/,
    2,
  ],
  [
    'a profile that lacks something',
    awsError(
      'CredentialsProviderError',
      'Profile is configured with invalid SSO credentials. Required parameters "sso_account_id", "sso_region". Got sso_account_id\nReference: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html',
      { $metadata: undefined },
    ),
    /^no valid AWS credentials were found \(.* Got sso_account_id\)\. Log in/,
    2,
  ],
  [
    'a profile that wants a code',
    awsError(
      'CredentialsProviderError',
      'Profile mfa requires multi-factor authentication, but no MFA code callback was provided.',
      { $metadata: undefined },
    ),
    /^no valid AWS credentials were found \(.*\)\. Swath asks for no code: .* --profile NAME --format env\)", and name/,
    2,
  ],
  [
    'no region, or a profile that is not there',
    new Error('Region is missing'),
    /^no valid AWS region is set \(.*\)\. Name one with --region, .*, of those that "aws configure list-profiles" lists\.$/,
    2,
  ],
  [
    'no region’s name',
    new Error('Region not accepted: region="a b" is not a valid hostname component.'),
    /^no valid AWS region is set \(.*"a b"/,
    2,
  ],
  [
    'expired credentials',
    awsError('ExpiredToken', 'The provided token has expired.'),
    /does not accept your credentials .*Log in again/,
    2,
  ],
  ['expired credentials, as DynamoDB says', awsError('ExpiredTokenException', 'expired'), /does not accept your/, 2],
  [
    'strange credentials',
    awsError('InvalidClientTokenId', 'The security token … is invalid.'),
    /does not accept your/,
    2,
  ],
  [
    'another secret',
    awsError('SignatureDoesNotMatch', 'The request signature we calculated'),
    /does not accept your/,
    2,
  ],
  [
    'a clock that is wrong',
    awsError('SignatureDoesNotMatch', 'Signature expired: 20260301T000000Z is now earlier than'),
    /its clock is wrong/,
    1,
  ],
  [
    'no permission, with the action',
    awsError(
      'AccessDenied',
      `${user} is not authorized to perform: cloudformation:DescribeStacks on resource: arn:aws:cloudformation:eu-west-1:1:stack/swath-dev/* because no identity-based policy allows it`,
    ),
    /^your AWS credentials do not allow cloudformation:DescribeStacks on arn:aws:cloudformation:eu-west-1:1:stack\/swath-dev\/\*\. Ask/,
    1,
  ],
  [
    'no permission, as DynamoDB says',
    awsError(
      'AccessDeniedException',
      `${user} is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:us-east-1:1:table/swath-dev-ledger/index/byRun because`,
    ),
    /do not allow dynamodb:Query on \S+\/byRun\./,
    1,
  ],
  ['no permission, as S3 may say', awsError('AccessDenied', 'Access Denied'), /do not allow S3 PutObject\. Ask/, 1],
  [
    'a 403 without a name',
    awsError('403', 'UnknownError', { $metadata: { httpStatusCode: 403 } }),
    /do not allow S3 PutObject\./,
    1,
  ],
  [
    'no stack',
    awsError('ValidationError', 'Stack with id swath-dev does not exist'),
    /no stack swath-dev .*--stage, --region/,
    2,
  ],
  [
    'no stack any more',
    awsError('ValidationError', 'Stack [swath-dev] does not exist'),
    /no stack swath-dev in this account/,
    2,
  ],
  [
    'a bucket that is gone',
    awsError('NoSuchBucket', 'The specified bucket does not exist'),
    /a part of the stack is gone .*Deploy/,
    1,
  ],
  ['throttling', awsError('ThrottlingException', 'Rate exceeded'), /^AWS throttles requests .*Try again/, 1],
  [
    'a host that is not there',
    awsError('Error', 'getaddrinfo ENOTFOUND s3.us-esat-1.amazonaws.com', {
      code: 'ENOTFOUND',
      hostname: 's3.us-esat-1.amazonaws.com',
      $metadata: {},
    }),
    /^nothing answers at s3\.us-esat-1\.amazonaws\.com \(ENOTFOUND\)\. .*the spelling of --region\.$/,
    1,
  ],
  [
    'anything else',
    awsError('InternalError', 'We failed.', { $metadata: { httpStatusCode: 500 } }),
    /^S3 PutObject: We failed\. \(InternalError, HTTP 500\)$/,
    1,
  ],
];

describe('an error of AWS is a sentence with the way out', () => {
  for (const [what, error, says, exitCode] of ERRORS)
    test(what, () => {
      const sentence = sentenceOf(error);
      assert.match(sentence, says);
      assert.doesNotMatch(sentence, /\n/);
      assert.equal(exitCodeOf(error), exitCode);
    });

  test('and no error of anything else is', () => {
    for (const error of [
      new Error('Access Denied'),
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      Object.assign(new Error('The table is gone.'), { name: 'InternalServerError', $metadata: {} }),
    ])
      assert.equal(explainAwsError(error), undefined);
  });
});

test('an error of the AWS client says which call failed, and which address does not answer', async (t) => {
  const endpoint = 'http://127.0.0.1:1';
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = noteOperations(new S3Client({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }));
  t.after(() => client.destroy());
  await assert.rejects(client.send(new HeadObjectCommand({ Bucket: 'inbox', Key: 'a' })), (error: Error) => {
    assert.equal(Reflect.get(error, 'operation'), 'S3 HeadObject');
    assert.match(explainAwsError(error, {})!.sentence, /^nothing answers at 127\.0\.0\.1:1 \(ECONNREFUSED\)\. Check/);
    assert.equal(
      explainAwsError(error, { AWS_ENDPOINT_URL: endpoint })!.sentence,
      `nothing answers at ${endpoint} (ECONNREFUSED), which AWS_ENDPOINT_URL names. Start the service at that address, or unset the variable to reach AWS itself.`,
    );
    return true;
  });
});
