import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { parquetReadObjects } from 'hyparquet';
import { RESULTS_TABLE } from '../../core/tables/redshift.ts';
import { findPostgres, startPostgres } from '../postgres.ts';
import { type ReadObject, startDataApi } from '../redshift/dataApi.ts';
import type { Requested } from '../suite/requests.ts';
import { sees } from './differences.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const MAILS = new URL('../../samples/mail-pairs/mails.csv', import.meta.url);
const LOADED_SECONDS = 120;

export type Warehouse = Awaited<ReturnType<typeof startWarehouse>>;

/** A stand-in for Redshift: its Data API over a PostgreSQL of its own, whose COPY reads by `readObject`. */
export async function startWarehouse(readObject: ReadObject) {
  const postgres = await startPostgres(findPostgres()!, 'warehouse');
  const api = startDataApi(postgres.env, readObject);
  const { endpoint, stop } = await api.serve();
  return {
    query: api.query,
    /** What leads its clients there. */
    environment: { AWS_ENDPOINT_URL_REDSHIFT_DATA: endpoint },
    stop: async () => {
      stop();
      await api.settled();
      await postgres.stop();
    },
  };
}

type At = () => Requested & { warehouse: Warehouse; environment: Record<string, string> };

/** From features to a warehouse, on a deployed stage; and all else that it has predicted, as files and as rows. */
export function resultsInWarehouse(at: At, skip: string | false): void {
  describe('results in a warehouse', { skip }, () => {
    const there = async () =>
      (
        await at().warehouse.query(`SELECT run || ' ' || "index" || ' ' || coalesce(class, '') FROM ${RESULTS_TABLE}`)
      ).sort();

    test('samples/mail-pairs/run.sh: each pair of mails is there once with its records, their time and a class', async () => {
      const { stage, environment, warehouse } = at();
      const env = { ...process.env, FORCE_COLOR: '0', ...environment };
      const run = ['samples/mail-pairs/run.sh', '--stage', stage.name];
      const { stdout } = await promisify(execFile)('bash', run, { cwd: PROJECT, env });
      const records = readFileSync(MAILS, 'utf8')
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split(',', 2))
        .map(([id, time]) => [id, time!.replace('Z', '.000Z'), '1']);
      const wanted = Array.from({ length: 10 }, (_, i) => [
        ...records.slice(2 * i, 2 * i + 2).flat(),
        i < 5 ? 'ham' : 'spam',
      ]);
      const columns =
        'feature_id, feature_time, feature_version, second_feature_id, second_feature_time, second_feature_version, class';
      const rows = async () => {
        const lines = await warehouse.query(
          `SELECT json_build_array(${columns}) FROM ${RESULTS_TABLE} WHERE model = 'mail-pairs' ORDER BY request_id, "index"`,
        );
        return lines.map((line) => JSON.parse(line));
      };
      assert.deepEqual(await rows(), wanted);
      assert.equal(stdout.match(/^mail-\d+ +mail-\d+ +2026-03-.+ (?:ham|spam) +0\.\d+$/gm)?.length, 10, stdout);
      await at().swath('request', 'samples/mail-pairs/pairs-1.json', '--stage', stage.name);
      assert.deepEqual(await rows(), wanted);
    });

    test('a table that is emptied has each prediction once when the events of all files come again', async () => {
      const { stage, subject, warehouse } = at();
      const former = await there();
      assert.equal(new Set(former).size, former.length);
      await warehouse.query(`DELETE FROM ${RESULTS_TABLE}`);
      const wanted: string[] = [];
      for (const key of await subject.stack.listResults('predictions/')) {
        const file = new Uint8Array(await subject.stack.readResult(key)).buffer;
        for (const row of await parquetReadObjects({ file }))
          wanted.push(`${row['run']} ${row['index']} ${row['class'] ?? ''}`);
        const Bucket = stage.output('ResultsBucket');
        const copied = {
          Bucket,
          Key: key,
          CopySource: `${Bucket}/${encodeURIComponent(key)}`,
          MetadataDirective: 'REPLACE',
        } as const;
        await stage.s3.send(new CopyObjectCommand(copied));
      }
      wanted.sort();
      for (const end = Date.now() + LOADED_SECONDS * 1000; Date.now() < end; await pause(500))
        if ((await there()).length === wanted.length) break;
      assert.deepEqual(await there(), wanted);
    });

    test(sees('noWarehouse'), async () => {
      const health = await fetch(`${at().stage.account.endpoint}/_ministack/health`);
      const { services } = (await health.json()) as { services: object };
      assert.deepEqual(
        Object.keys(services).filter((name) => /^s3$|redshift/.test(name)),
        ['s3'],
      );
    });
  });
}
