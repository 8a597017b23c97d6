import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type S3Answer, s3That } from '../test/benches/s3.ts';
import { checkBuckets, checkEnvironments, checkRoles } from './preflight.ts';

const OWN = 'swath-dev-results-123456789012-us-east-1';
const versioned = (status: string) => ({ body: `<VersioningConfiguration>${status}</VersioningConfiguration>` });
const there = { headers: { 'x-amz-bucket-region': 'us-east-1' } };

/** What is said of a stage's own bucket and of the one that was named for its inbox, before anything is created. */
async function saidOf({
  own = { status: 404 },
  lake = there,
  versions = versioned('<Status>Enabled</Status>'),
  inbox = 'lake',
}: {
  own?: S3Answer;
  lake?: S3Answer;
  versions?: S3Answer;
  inbox?: string | undefined;
}): Promise<string> {
  const client = s3That((asked) => {
    if (asked.startsWith(`HEAD /${OWN}`)) return own;
    return asked.startsWith('HEAD') ? lake : versions;
  });
  return checkBuckets(client, { own: [OWN], inbox, region: 'us-east-1' }).then(
    () => 'fine',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe('before a deployment, the check reports', () => {
  for (const { name, says, ...given } of [
    { name: 'a stage that is new', says: /^fine$/ },
    { name: 'a stage that was there before', own: there, says: /^fine$/ },
    {
      name: "a bucket's name that somebody else has",
      own: { status: 403 },
      says: /^NotDeployable: the bucket swath-dev-results-\S+ exists but is not accessible: .* belongs to another account, .* another --stage/,
    },
    { name: 'no bucket of that name', lake: { status: 404 }, says: /there is no bucket lake: create it, or leave/ },
    { name: "somebody else's bucket", lake: { status: 403 }, says: /your credentials may not look at lake/ },
    {
      name: 'a bucket of another region, as S3 redirects',
      lake: { status: 400, headers: { 'x-amz-bucket-region': 'eu-west-1' } },
      says: /lake is in eu-west-1, /,
    },
    {
      name: 'a bucket of another region',
      lake: { headers: { 'x-amz-bucket-region': 'eu-west-1' } },
      says: /lake is in eu-west-1, and this deployment in us-east-1: deploy with --region eu-west-1\.$/,
    },
    {
      name: 'a bucket that never kept versions',
      versions: versioned(''),
      says: /keeps no versions \(never set\), .* aws s3api put-bucket-versioning --bucket lake /,
    },
    {
      name: 'a bucket that keeps none any more',
      versions: versioned('<Status>Suspended</Status>'),
      says: /keeps no versions \(Suspended\)/,
    },
    { name: "a bucket of the stage's own", inbox: OWN, says: /is one of this stage's own buckets/ },
  ])
    test(name, async () => assert.match(await saidOf(given), says));
});

test('before a deployment, a function with a longer environment than Lambda allows is refused', () => {
  const functionWith = (list: string) => ({
    Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
    WebhookLambdaFunction: {
      Type: 'AWS::Lambda::Function',
      Properties: { Environment: { Variables: { STAGE: 'dev', ASSET_BUCKETS: list } } },
    },
  });
  checkEnvironments(functionWith('a'.repeat(4096 - 'STAGE=devASSET_BUCKETS='.length)));
  assert.throws(() => checkEnvironments(functionWith('a'.repeat(4097 - 'STAGE=devASSET_BUCKETS='.length))), {
    name: 'NotDeployable',
    message:
      /^WebhookLambdaFunction would have 4097 bytes of environment, allowed are 4096\. Shorten the lists among the parameters, such as ASSET_BUCKETS=a+…$/,
  });
});

describe('before a deployment, a role', () => {
  const arn = (name: string) => ({
    'Fn::Sub': `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:${name}`,
  });
  const policy = (names: string[]) => ({
    PolicyDocument: { Statement: [{ Action: 'sqs:SendMessage', Resource: names.map(arn) }] },
  });
  const queues = (count: number) => Array.from({ length: count }, (_, i) => `answers-${1000 + i}`);
  const given = (names: string[]) => [
    {
      name: 'assetHosts',
      value: queues(500)
        .map((name) => `${name}.example.org`)
        .join(),
      where: 'no role names hosts',
    },
    { name: 'replyQueues', value: names.map((name) => arn(name)['Fn::Sub']).join(), where: '--param replyQueues' },
  ];
  const check = (inline: string[], beside: string[]) =>
    checkRoles(
      {
        CollectRole: { Type: 'AWS::IAM::Role', Properties: { Policies: [policy(inline)] } },
        Beside: { Type: 'AWS::IAM::RolePolicy', Properties: { RoleName: { Ref: 'CollectRole' }, ...policy(beside) } },
        Other: { Type: 'AWS::IAM::RolePolicy', Properties: { RoleName: { Ref: 'OtherRole' }, ...policy(queues(500)) } },
      },
      given([...inline, ...beside]),
    );
  // Each is arn:aws:sqs:us-east-1:123456789012:answers-1000 with quotation marks and a comma: 50 characters.
  test('may have policies as long as IAM takes, as CloudFormation makes them', () => check(queues(100), queues(100)));

  for (const [inline, beside] of [
    [203, 0],
    [100, 103],
  ] as const)
    test(`with longer policies is refused, ${inline} names in its own and ${beside} in one beside it`, () =>
      assert.throws(() => check(queues(inline), queues(beside)), {
        name: 'NotDeployable',
        message:
          /^--param replyQueues: CollectRole would have at least 10\d\d\d characters of inline policies, allowed are 10240\. List fewer or shorter ones\.$/,
      }));
});
