import { GetBucketVersioningCommand, HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { onStatus } from '../aws/bucket.ts';
import { errorNamed, insteadOf } from '../core/base/errors.ts';
import { listIn } from '../core/parameters/listIn.ts';
import type { Given } from './parameters.ts';
import type { Options, Resource } from './serverless.ts';

/** A problem that would make a deployment fail later, found before anything is created. */
export class NotDeployable extends errorNamed('NotDeployable') {}

/** Throws `NotDeployable` for an environment beyond Lambda's 4 KB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export function checkEnvironments(resources: Record<string, Resource>): void {
  for (const [id, { Properties }] of Object.entries(resources)) {
    const variables = Object.entries(Properties?.Environment?.Variables ?? {}).map((one) => one.join('='));
    const [longest = ''] = variables.toSorted((a, b) => b.length - a.length);
    const bytes = Buffer.byteLength(variables.join(''));
    if (bytes > 4096)
      throw new NotDeployable(
        `${id} would have ${bytes} bytes of environment, allowed are 4096. Shorten the lists among the parameters, such as ${longest.slice(0, 60)}…`,
      );
  }
}

/** Throws `NotDeployable` for a role whose inline policies IAM would refuse: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export function checkRoles(resources: Record<string, Resource>, given: readonly Given[]): void {
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    if (Type !== 'AWS::IAM::Role') continue;
    const beside = Object.values(resources).filter((one) => one.Properties?.RoleName?.Ref === id);
    const documents = [...(Properties.Policies ?? []), ...beside.map((one) => one.Properties)];
    const policies = documents.map(({ PolicyDocument }) => asCounted(PolicyDocument)).join('');
    if (policies.length <= 10_240) continue;
    const isNamed = (entry: string) => policies.includes(entry.split(/[:/]/).at(-1)!);
    const charactersOf = ({ value }: Given) => listIn(String(value)).filter(isNamed).join().length;
    const [longest] = given.toSorted((a, b) => charactersOf(b) - charactersOf(a));
    throw new NotDeployable(
      `${longest?.where}: ${id} would have at least ${policies.length} characters of inline policies, allowed are 10240. List fewer or shorter ones.`,
    );
  }
}

/** A policy with the least that CloudFormation makes of its functions. */
const asCounted = (policy: unknown): string =>
  JSON.stringify(policy, (_, value) => value?.['Fn::Sub'] ?? value)
    .replaceAll(`\${AWS::Partition}`, 'aws')
    .replaceAll(`\${AWS::Region}`, 'us-east-1')
    .replaceAll(`\${AWS::AccountId}`, '123456789012');

/** Returns the region that the AWS SDKs find, as for `swath … --stage`: AWS_REGION, or else the profile's; null if there is none. */
export const regionOf = ({ 'aws-profile': profile }: Options): Promise<string | null> =>
  new STSClient(profile === undefined ? {} : { profile }).config.region().catch(() => null);

/** Returns the account of the credentials. Throws `NotDeployable` if AWS does not accept them, or there are none. */
export async function accountOf(client: STSClient): Promise<string> {
  const refused = insteadOf(Error, (cause) => new NotDeployable(credentialsSentence(cause), { cause }));
  const { Account } = await client.send(new GetCallerIdentityCommand({})).catch(refused);
  return Account!;
}

function credentialsSentence(error: Error & { code?: string }): string {
  if (error.code === 'ECONNREFUSED')
    return `nothing answers at the AWS endpoint (${error.message}): start it, or unset AWS_ENDPOINT_URL.`;
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN')
    return `AWS cannot be reached (${error.message}): check the network and the region's name.`;
  return `AWS does not accept your credentials (${error.message}): log in (aws sso login, aws configure), or name a profile in AWS_PROFILE.`;
}

type Buckets = { own: string[]; inbox: string | undefined; region: string };

/** Checks the buckets; returns which of the stage's own exist. Throws `NotDeployable` for the first unsuitable one. */
export async function checkBuckets(client: S3Client, { own, inbox, region }: Buckets): Promise<string[]> {
  const there: string[] = [];
  for (const name of own) {
    const found = await lookAt(client, name);
    if (found === 'out of reach')
      throw new NotDeployable(
        `the bucket ${name} exists but is not accessible: either your credentials lack s3:ListBucket, or the name belongs to another account, and you have to choose another --stage.`,
      );
    if (found !== 'missing') there.push(name);
  }
  if (inbox === undefined) return there;
  const wrong = (why: string) => new NotDeployable(`--param inboxBucket: ${why}`);
  if (own.includes(inbox)) throw wrong(`${inbox} is one of this stage's own buckets: name another bucket.`);
  const found = await lookAt(client, inbox);
  if (found === 'missing') throw wrong(`there is no bucket ${inbox}: create it, or leave the parameter out.`);
  if (found === 'out of reach')
    throw wrong(`your credentials may not look at ${inbox}: it is of another account, or its policy keeps you out.`);
  if (found.region !== region)
    throw wrong(
      `${inbox} is in ${found.region}, and this deployment in ${region}: deploy with --region ${found.region}.`,
    );
  const { Status = 'never set' } = await client.send(new GetBucketVersioningCommand({ Bucket: inbox }));
  if (Status !== 'Enabled')
    throw wrong(
      `${inbox} keeps no versions (${Status}), so an overwritten file would be lost: aws s3api put-bucket-versioning --bucket ${inbox} --versioning-configuration Status=Enabled`,
    );
  return there;
}

async function lookAt(client: S3Client, Bucket: string): Promise<'missing' | 'out of reach' | { region: string }> {
  const inRegion = onStatus([301, 400], (error) => {
    const BucketRegion = error.$response?.headers['x-amz-bucket-region'];
    if (BucketRegion === undefined) throw error;
    return { BucketRegion };
  });
  const asked = client.send(new HeadBucketCommand({ Bucket })).catch(inRegion);
  const found = asked.then(async ({ BucketRegion }) => ({ region: BucketRegion ?? (await client.config.region()) }));
  return found.catch(onStatus([404], () => 'missing' as const)).catch(onStatus([403], () => 'out of reach' as const));
}
