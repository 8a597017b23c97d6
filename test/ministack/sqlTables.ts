import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { GetPartitionsCommand, GlueClient } from '@aws-sdk/client-glue';
import { CopyObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { predictionsTable } from '../../core/tables/predictionsTable.ts';
import type { Requested } from '../suite/requests.ts';
import { jsonLines } from '../swath.ts';
import { sees } from './differences.ts';

type Listed = { state: string; day: string | null; model: { name: string; version: string } };

/** What a deployed stage's predictions are to Glue and Athena. */
export function sqlTables(at: () => Requested): void {
  describe('the tables for SQL', () => {
    let glue: GlueClient;
    before(() => {
      glue = new GlueClient(at().stage.account);
    });
    after(() => glue.destroy());

    /** The folders of predictions that the catalogue has, as their partitions' places. */
    async function registered(): Promise<string[]> {
      const table = { DatabaseName: at().stage.output('SqlDatabase'), TableName: predictionsTable.name };
      const { Partitions = [] } = await glue.send(new GetPartitionsCommand(table));
      return Partitions.map(({ Values = [], StorageDescriptor }) => {
        const folder = predictionsTable.partitions.map(({ name }, i) => `${name}=${Values[i]}`).join('/');
        assert.equal(StorageDescriptor?.Location, `s3://${at().stage.output('ResultsBucket')}/predictions/${folder}/`);
        return `predictions/${folder}/`;
      }).toSorted();
    }

    const listed = () => at().subject.stack.listResults('predictions/');

    async function answered<Row>(sql: string): Promise<Row[]> {
      const ended = await at().swath('sql', sql, '--stage', at().stage.name, '--json');
      assert.equal(ended.code, 0, ended.stderr);
      return jsonLines<Row>(ended);
    }

    test('every folder of predictions is registered as a partition, and else only those of runs that broke off', async () => {
      const folderOf = (key: string) => key.slice(0, key.lastIndexOf('/') + 1);
      const folders = new Set((await listed()).map(folderOf));
      assert.ok(folders.size > 0);
      const ended = await at().swath('runs', '--stage', at().stage.name, '--json', '--limit', '500');
      assert.equal(ended.code, 0, ended.stderr);
      // A folder is registered before anything is written there, so that nothing is there that SQL does not see.
      const broken = jsonLines<Listed>(ended)
        .filter(({ state }) => state !== 'DONE')
        .map(({ model, day }) => `predictions/model=${model.name}/version=${model.version}/date=${day}/`);
      const found = await registered();
      assert.deepEqual(
        [...folders].filter((folder) => !found.includes(folder)),
        [],
      );
      assert.deepEqual(
        found.filter((folder) => !folders.has(folder) && !broken.includes(folder)),
        [],
      );
    });

    test('swath sql answers by Athena what came with a request', async () => {
      const sql = `SELECT request_id, member, "index", class, count(*) OVER () AS chips FROM predictions
                   WHERE request_id LIKE '%-one' ORDER BY "index"`;
      const rows = await answered<Record<string, unknown>>(sql);
      assert.deepEqual(
        rows.map(({ member, index, chips }) => [member, Number(index), Number(chips)]),
        [
          ['a', 0, 2],
          ['b', 2, 2],
        ],
      );
      for (const row of rows) assert.ok(typeof row['class'] === 'string');
    });

    test(sees('unregisteredPartitions'), async () => {
      const { s3, output } = at().stage;
      const [Bucket, before] = [output('ResultsBucket'), await registered()];
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'predictions/' }));
      const from = Contents[0]!.Key!;
      const Key = from.replace(/date=[^/]+/, 'date=1999-12-31');
      await s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${from}` }));
      assert.deepEqual(await registered(), before);
      const [row] = await answered<{ n: number }>(`SELECT count(*) AS n FROM predictions WHERE "date" = '1999-12-31'`);
      assert.ok(Number(row?.n) > 0);
    });
  });
}
