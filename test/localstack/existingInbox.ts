import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketNotificationConfigurationCommand,
  ListObjectVersionsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { SceneRef } from '../../core/base/messages.ts';
import { emptyBucket } from '../../deployment/storageStack.ts';
import { openDeployed } from '../deployed.ts';
import { type Deployment, makeDeployment } from '../deployment.ts';
import { makeQueue, type Queue } from '../queue.ts';
import { sceneOf } from '../scenes.ts';
import { connectStage, type Stage } from '../stage.ts';
import { makeSubject, type Subject } from '../suite/subject.ts';
import { markerStartsSweep } from './bulkFiles.ts';
import { type At, localStackTraits, NO_SQL } from './here.ts';

const Bucket = 'lake';
export const STAGE = 'lake';
/** A function that hangs is soon cut off there. */
const inferTimeout = 5;
const PARAMETERS = {
  alarmEmail: 'none',
  inboxBucket: Bucket,
  inboxPrefix: 'incoming/',
  throwAway: 'true',
  inferTimeout,
};

/** A stage whose inbox is a part of somebody's bucket. Its deployment takes a while, in which other tests can go on. */
export function existingInbox(at: At) {
  let deployment: Deployment;
  let deployed: Promise<string>;
  let theirs: Queue;
  let told: unknown;
  let old: SceneRef;
  let inbox: { stage: Stage; subject: Subject };

  async function put(key: string, chips = 2): Promise<SceneRef> {
    const { stage, subject } = at();
    const Body = sceneOf(subject.unique(key), chips);
    const { VersionId } = await stage.s3.send(new PutObjectCommand({ Bucket, Key: key, Body }));
    return { bucket: Bucket, key, versionId: VersionId! };
  }

  async function notifications(): Promise<Record<string, unknown>> {
    const { $metadata, ...configuration } = await at().stage.s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket }),
    );
    return { ...configuration };
  }

  return {
    /** The stage, once it is up. */
    at: () => inbox,
    inferTimeout,

    begins: () =>
      test('a bucket with a queue notification becomes the inbox', async () => {
        const { stage, localStack } = at();
        theirs = await makeQueue('theirs', 's3', stage.account);
        await stage.s3.send(new CreateBucketCommand({ Bucket }));
        const QueueConfigurations = [{ Id: 'theirs', QueueArn: theirs.arn, Events: ['s3:ObjectCreated:*' as const] }];
        const NotificationConfiguration = { QueueConfigurations };
        await stage.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
        told = await notifications();
        deployment = await makeDeployment(localStack.endpoint, { always: NO_SQL });
        // It keeps no versions yet: that is said before anything is created.
        await assert.rejects(deployment.deploy(STAGE, PARAMETERS), /lake keeps no versions .* put-bucket-versioning/);
        const VersioningConfiguration = { Status: 'Enabled' as const };
        await stage.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
        old = await put('incoming/old');
        deployed = deployment.deploy(STAGE, PARAMETERS);
        deployed.catch(() => {}); // it is waited for later
      }),

    comesUp: () =>
      describe('an existing bucket as the inbox', () => {
        test('sends its events, besides its former notifications', async () => {
          await deployed;
          assert.deepEqual(await notifications(), { ...(told as object), EventBridgeConfiguration: {} });
          const stage = await connectStage(STAGE, at().stage.account);
          inbox = { stage, subject: await makeSubject(await openDeployed(stage, localStackTraits)) };
        });

        test('has scene files only below its prefix', async () => {
          const { subject } = inbox;
          const elsewhere = await put('elsewhere/file');
          const row = await subject.settled(await put('incoming/new', 3));
          assert.partialDeepStrictEqual(row, { state: 'DONE', attempt: 1, chips: 3 });
          assert.deepEqual(await subject.stack.ledgerRows(elsewhere), []);
        });

        test('has bulk files below its prefix, which their marker has classified', () => markerStartsSweep(inbox));
      }),

    goesAgain: () =>
      describe('an existing bucket that was an inbox', () => {
        test('what lay there before waits for a backfill', async () => {
          const { subject } = inbox;
          await subject.stack.sweep();
          assert.deepEqual(await subject.stack.ledgerRows(old), []);
          const { code, stdout, stderr } = await at().swath('backfill', '--stage', STAGE);
          assert.equal(code, 0, stdout + stderr);
          assert.partialDeepStrictEqual(await subject.settled(old), { state: 'DONE', attempt: 1, chips: 2 });
        });

        test('stays what it was when the stage is removed', async () => {
          const { s3 } = at().stage;
          await deployment.remove(STAGE);
          inbox.stage.close();
          assert.deepEqual(await notifications(), told);
          const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
          const keys = Versions.map(({ Key }) => Key);
          for (const key of ['elsewhere/file', 'incoming/new', 'incoming/old']) assert.ok(keys.includes(key), key);
          await emptyBucket(s3, Bucket, () => {});
          await s3.send(new DeleteBucketCommand({ Bucket }));
          await theirs.close();
        });
      }),
  };
}
