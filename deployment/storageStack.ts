import * as cfn from '@aws-sdk/client-cloudformation';
import type { S3Client } from '@aws-sdk/client-s3';
import { DeleteObjectCommand, DeleteObjectsCommand, ListObjectVersionsCommand, NoSuchBucket } from '@aws-sdk/client-s3';
import { listedKey } from '../aws/bucket.ts';
import { outputsOf } from '../aws/stackOutputs.ts';
import { errorNamed, onError } from '../core/base/errors.ts';
import type { StorageTemplate } from './storageTemplate.ts';

/** Buckets and tables take seconds; an index on a large table, an hour. */
const PATIENCE = { maxWaitTime: 3600, minDelay: 1, maxDelay: 10 };

/** So often a throw-away stage's buckets are emptied before it is given up. */
const TRIES = 3;

type Client = cfn.CloudFormationClient;

/** The stack could not be made what it should be; the message says what CloudFormation said first. */
export class StorageFailed extends errorNamed('StorageFailed') {}

/** Creates or updates the stack. What is left of a stack that somebody has deleted is taken up by its name. */
export async function deployStorage(client: Client, StackName: string, template: StorageTemplate) {
  const stack = await describeStack(client, StackName);
  const isNew = stack === undefined || stack.StackStatus === 'REVIEW_IN_PROGRESS';
  if (!isNew) await settledOrGone(client, stack);
  const isGone = isNew || stack.StackStatus === 'ROLLBACK_COMPLETE';
  const names = { StackName, ChangeSetName: `swath-${Date.now()}` };
  await client.send(
    new cfn.CreateChangeSetCommand({
      ...names,
      ChangeSetType: isGone ? 'CREATE' : 'UPDATE',
      TemplateBody: JSON.stringify(template),
      ImportExistingResources: true,
    }),
  );
  const why = await cfn.waitUntilChangeSetCreateComplete({ client, ...PATIENCE }, names).then(
    () => undefined,
    async (error: Error) => (await client.send(new cfn.DescribeChangeSetCommand(names))).StatusReason ?? error.message,
  );
  if (why !== undefined) {
    await client.send(new cfn.DeleteChangeSetCommand(names));
    if (/didn't contain changes|No updates are to be performed/.test(why)) return 'unchanged';
    throw new StorageFailed(`the stack ${StackName}: ${why}`);
  }
  const since = new Date();
  await client.send(new cfn.ExecuteChangeSetCommand(names));
  const done = isGone ? cfn.waitUntilStackCreateComplete : cfn.waitUntilStackUpdateComplete;
  await done({ client, ...PATIENCE }, { StackName }).catch(() => failed(client, StackName, since));
  return isGone ? 'created' : 'updated';
}

/** A stack whose creation failed holds nothing, and can only be deleted; one that is changing belongs to somebody else. */
async function settledOrGone(client: Client, { StackName, StackStatus }: cfn.Stack): Promise<void> {
  if (StackStatus === 'ROLLBACK_COMPLETE') return remove(client, StackName!);
  if (StackStatus === 'DELETE_FAILED' || StackStatus === 'ROLLBACK_FAILED')
    throw new StorageFailed(`the stack ${StackName} is ${StackStatus}: finish that with sls remove, and deploy again.`);
  if (StackStatus?.endsWith('_IN_PROGRESS'))
    throw new StorageFailed(`the stack ${StackName} is ${StackStatus}: wait for that to end, and deploy again.`);
}

/** Throws what CloudFormation said first. */
async function failed(client: Client, name: string, since: Date, StackName = name): Promise<never> {
  const failures: string[] = [];
  for await (const { StackEvents = [] } of cfn.paginateDescribeStackEvents({ client }, { StackName }))
    for (const { Timestamp, ResourceStatus = '', LogicalResourceId, ResourceStatusReason = '' } of StackEvents)
      if (Timestamp !== undefined && Timestamp >= since && ResourceStatus.endsWith('_FAILED'))
        failures.push(`${LogicalResourceId}: ${ResourceStatusReason}`);
  throw new StorageFailed(`the stack ${name}: ${failures.at(-1) ?? 'it ended in a rollback'}`); // events come newest first
}

type Stored = NonNullable<Awaited<ReturnType<typeof describeStorage>>>;

/** Undefined where nothing is stored. */
export async function describeStorage(client: Client, StackName: string) {
  const stack = await describeStack(client, StackName);
  if (stack === undefined) return undefined;
  const resources: { type: string; name: string }[] = [];
  for await (const { StackResourceSummaries = [] } of cfn.paginateListStackResources({ client }, { StackName }))
    for (const { ResourceType, PhysicalResourceId } of StackResourceSummaries)
      if (ResourceType === 'AWS::S3::Bucket' || ResourceType === 'AWS::DynamoDB::Table')
        resources.push({ type: ResourceType, name: PhysicalResourceId ?? '' });
  const outputs = outputsOf(stack);
  return { stack: StackName, isThrowAway: outputs['ThrowAway'] === 'true', outputs, resources };
}

/** Empties a throw-away stage's buckets and deletes its stack with all that it holds. */
export async function removeStorage(client: Client, s3: S3Client, stored: Stored, tell: (text: string) => void) {
  const { stack, resources } = stored;
  for (let tries = 1; ; tries += 1) {
    for (const { type, name } of resources)
      if (type === 'AWS::S3::Bucket')
        await emptyBucket(s3, name, (count) => tell(`Emptying ${name}: ${count} versions deleted`));
    tell(`Deleting the stack ${stack}`);
    const why = await remove(client, stack).catch(onError(StorageFailed, (error) => error));
    if (why === undefined) return;
    if (tries === TRIES) throw why; // before, a function on its way, or somebody who sends files, may have written once more
  }
}

async function remove(client: Client, StackName: string): Promise<void> {
  const since = new Date();
  const { StackId } = (await describeStack(client, StackName)) ?? {};
  if (StackId === undefined) return;
  await client.send(new cfn.DeleteStackCommand({ StackName }));
  const deleted = cfn.waitUntilStackDeleteComplete({ client, ...PATIENCE }, { StackName: StackId });
  await deleted.catch(() => failed(client, StackName, since, StackId));
}

/** A stack of a name, whatever state it is in; undefined where there is none. */
export async function describeStack(client: Client, StackName: string): Promise<cfn.Stack | undefined> {
  const found = await client.send(new cfn.DescribeStacksCommand({ StackName })).catch((error: Error) => {
    if (!/does not exist/.test(error.message)) throw error;
  });
  return found?.Stacks?.[0];
}

/** Deletes every version and every delete marker of a bucket, a thousand at a time; `tell` gets the number deleted. */
export async function emptyBucket(client: S3Client, Bucket: string, tell: (count: number) => void): Promise<void> {
  let count = 0;
  try {
    for (;;) {
      // Always the first page: what it listed before is gone.
      const page = await client.send(new ListObjectVersionsCommand({ Bucket, EncodingType: 'url' }));
      const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key = '', VersionId }) => ({
        Key: listedKey(page, Key),
        VersionId,
      }));
      if (all.length === 0) return;
      const { together = [], alone = [] } = Object.groupBy(all, ({ Key }) =>
        UNSAID_BY_XML.test(Key) ? 'alone' : 'together',
      );
      if (together.length > 0) {
        const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects: together, Quiet: true } });
        const { Errors: [first] = [] } = await client.send(command);
        if (first !== undefined) throw new Error(`s3://${Bucket}/${first.Key} cannot be deleted: ${first.Message}`);
      }
      for (const one of alone) await client.send(new DeleteObjectCommand({ Bucket, ...one }));
      count += all.length;
      tell(count);
    }
  } catch (error) {
    if (!(error instanceof NoSuchBucket)) throw error; // it was deleted before
  }
}

/** Characters that a key may have, but that XML cannot express: https://www.w3.org/TR/xml/#charsets */
const UNSAID_BY_XML = /(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/u;
