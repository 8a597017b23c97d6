import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, paginateListExecutions, type SFNClient } from '@aws-sdk/client-sfn';
import { sceneEventSchema } from '../../core/base/messages.ts';
import { isOwnName } from '../../core/base/run.ts';
import type { Canary } from './canary.ts';

type Place = { inbox: string; inboxPrefix: string; stateMachineArn: string; windowSeconds?: number };

/** A canary of a stage: an object in the inbox bucket, so that S3 itself sends the event. */
export function stageCanary(
  { s3, stepFunctions }: { s3: S3Client; stepFunctions: SFNClient },
  { inbox, inboxPrefix, stateMachineArn, windowSeconds = 0 }: Place,
): Canary {
  const others = new Set<string>();
  let arrived = new Date(0);

  return {
    inboxPrefix,
    // S3's events take "typically seconds, but can sometimes take a minute or longer"; if they are gathered, add a window.
    patienceMilliseconds: 120_000 + 1000 * windowSeconds,
    lookEveryMilliseconds: 1000,
    obstacle: async () => null,
    put: async (key, bytes) => {
      const { VersionId = 'null' } = await s3.send(new PutObjectCommand({ Bucket: inbox, Key: key, Body: bytes }));
      // AWS's clock, which may differ from this machine's.
      const { LastModified } = await s3.send(new HeadObjectCommand({ Bucket: inbox, Key: key }));
      arrived = LastModified ?? arrived;
      return { bucket: inbox, key, versionId: VersionId };
    },
    // Looks through executions from the newest to those that began before the canary was put there.
    findExecution: async ({ key }) => {
      const pages = paginateListExecutions({ client: stepFunctions }, { stateMachineArn, maxResults: 100 });
      for await (const { executions = [] } of pages)
        for (const { executionArn = '', name = '', startDate = arrived } of executions) {
          if (startDate < arrived) return undefined;
          if (isOwnName(name) || others.has(executionArn)) continue;
          const { input = '{}' } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
          if (sceneEventSchema.safeParse(JSON.parse(input)).data?.scene.key === key) return executionArn;
          others.add(executionArn);
        }
      return undefined;
    },
    remove: async ({ key, versionId }) => {
      const version = versionId === 'null' ? {} : { VersionId: versionId };
      await s3.send(new DeleteObjectCommand({ Bucket: inbox, Key: key, ...version }));
    },
  };
}
