import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { Parameters } from '../deployment.ts';
import { sceneOf } from '../scenes.ts';
import { STAGE as OTHER_STAGE } from './existingInbox.ts';
import type { At } from './here.ts';
import { inventory } from './inventory.ts';

/** What `sls remove` takes and what it keeps. The stage is gone afterwards, so these are the last tests. */
export function removal(at: At, parameters: Parameters) {
  let known: LedgerRow;

  /** What there is that there was not before the stage. */
  async function remains(): Promise<string[]> {
    const { stage, before } = at();
    return (await inventory(stage.account)).filter((one) => !before.includes(one) && !isLateLog(one));
  }

  return {
    /** The stage is up again afterwards, with these parameters. */
    isNoLoss: () =>
      describe('sls remove', () => {
        test('keeps the stored data, says so, and leaves nothing else', async () => {
          const { stage, deployment, subject } = at();
          known = await subject.run('kept', sceneOf(subject.unique('kept'), 2));
          const said = await deployment.remove(stage.name);
          const own = `swath-${stage.name}`;
          const buckets = ['inbox', 'models', 'results'].map((name) => `bucket ${own}-${name}-000000000000-us-east-1`);
          const tables = ['features', 'ledger', 'metrics'].map((name) => `table ${own}-${name}`);
          const kept = [...buckets, `stack ${own}-storage`, ...tables];
          assert.deepEqual(await remains(), kept);
          for (const one of kept) assert.ok(said.includes(one.split(' ')[1]!), `${said} does not say: ${one}`);
        });

        test('loses nothing: the next deployment imports the data, and its sweep finds the files from in between', async () => {
          const { stage, deployment, subject } = at();
          const [Bucket, Key] = [stage.output('InboxBucket'), subject.key('in between')];
          const Body = sceneOf(subject.unique('in between'), 2);
          const { VersionId } = await stage.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
          await deployment.deploy(stage.name, { ...parameters, throwAway: 'true' });
          await stage.readOutputs();
          const row = await subject.settled({ bucket: Bucket, key: Key, versionId: VersionId! });
          assert.partialDeepStrictEqual(row, { state: 'DONE', attempt: 1, chips: 2, model: known.model });
          assert.deepEqual(await subject.stack.ledgerRows(known.scene), [known]);
        });
      }),

    throwsAway: () =>
      test('sls remove leaves nothing at all of a stage to throw away', async () => {
        const { stage, deployment } = at();
        await deployment.remove(stage.name);
        assert.deepEqual(await remains(), []);
      }),
  };
}

/**
 * A schedule goes on after its rule has changed or is gone (`schedulesByOwnTick` among the differences): a function of the other
 * stage that is called while that is removed writes its log group once more.
 */
function isLateLog(one: string): boolean {
  return one.startsWith(`log group /aws/lambda/swath-${OTHER_STAGE}-`);
}
