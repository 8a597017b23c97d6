import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, test } from 'node:test';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { Datum } from '../../core/metrics/metrics.ts';
import { namedIn } from '../../core/tasks/registry.ts';
import { countsIn, judgedIn, numbersIn } from '../benches/summaries.ts';
import { columnTypes, readPredictions } from '../predictions.ts';
import { frames, shard } from '../scenes.ts';
import { assertGolden, assertGoldenRun, golden } from './golden.ts';
import type { Stacked } from './subject.ts';

const DIGEST = createHash('sha256').update(shard).digest('hex');

/** The shares in the bundled package's reference.json. */
const REFERENCE = [0.6002, 0.1511, 0.1512, 0.0975];

/** The bundled shard of real Landsat chips, from the inbox to the metrics. */
export function realScene(stacked: Stacked): void {
  describe('a real shard', () => {
    let row: LedgerRow;
    let predictions: Awaited<ReturnType<typeof readPredictions>>;
    let publishedSince: () => Promise<Datum[]>;

    before(async () => {
      const { stack, run } = stacked();
      publishedSince = await stack.watchMetrics();
      row = await run('part-r-00012', shard);
      const { run: id, model, day } = row;
      const folder = `predictions/model=${model.name}/version=${model.version}/`;
      const key = `${folder}date=${day}/${id}-00000.parquet`;
      assert.deepEqual(await stack.listResults(folder), [key]);
      predictions = await readPredictions(await stack.readResult(key));
    });

    test('comes out as the Python original classifies it', async () => {
      assert.equal(DIGEST, golden.sha256, 'golden.py has seen another shard');
      const { run: _run, scene: _scene, model: _model, drift, ...rest } = row;
      assertGoldenRun(row, golden.models.baseline);
      assertGolden(predictions.rows, golden.models.baseline);
      assert.equal(drift?.verdict, 'no drift');
      const whole = { state: 'DONE', attempt: 1, size: shard.length, digest: DIGEST, chips: 81, blank: 2, parts: 1 };
      assert.partialDeepStrictEqual(rest, whole);
      const { missingShare, mostCommonShare } = numbersIn(row);
      assert.deepEqual([countsIn(row).missing, missingShare, mostCommonShare], [0, 0, 45 / 79]);
      assert.deepEqual(
        [row.error, row.duplicateOf, row.lease, row.acquired],
        [undefined, undefined, undefined, undefined],
      );
      assert.equal((await stacked().stack.ended(row.execution)).status, 'SUCCEEDED');
    });

    test('has a row for each chip that is not blank, in its order, which leads back to the record', () => {
      const names = Object.keys(golden.models.baseline.classes);
      for (const [i, { index, offset, length, truth }] of golden.records.entries()) {
        const found = predictions.rows[i]!;
        assert.deepEqual(
          [found.index, Number(found.offset), found.length, found.truth],
          [index, offset, length, truth],
        );
        assert.ok(frames[index]!.equals(shard.subarray(offset, offset + length)));
        assert.deepEqual([found.chip_id, found.digest], [`${DIGEST.slice(0, 16)}-${index}`, DIGEST]);
        assert.deepEqual([found.scene, found.run], [row.scene.key, row.run]);
        const probabilities = names.map((_, value) => Number(found[`p_${value}`]));
        assert.ok(Math.abs(probabilities.reduce((sum, one) => sum + one) - 1) < 1e-6, `record ${index}`);
        assert.equal(found.probability, Math.max(...probabilities));
        assert.equal(found.label, probabilities.indexOf(found.probability));
        assert.equal(found.class, names[found.label]);
      }
    });

    test('gets a Parquet file with proper types, compression and statistics', () => {
      assert.deepEqual(columnTypes(predictions.metadata), [
        'chip_id UTF8 REQUIRED',
        'index INT32 REQUIRED',
        'offset INT64 REQUIRED',
        'length INT32 REQUIRED',
        'label INT32 OPTIONAL',
        'class UTF8 OPTIONAL',
        'probability FLOAT OPTIONAL',
        ...[0, 1, 2, 3].map((value) => `p_${value} FLOAT OPTIONAL`),
        'truth INT32 OPTIONAL',
        'digest UTF8 REQUIRED',
        'scene UTF8 REQUIRED',
        'run UTF8 REQUIRED',
        'acquired TIMESTAMP_MILLIS OPTIONAL',
        ...['x', 'y', 'width', 'height'].map((name) => `${name} INT32 OPTIONAL`),
        'geometry BYTE_ARRAY OPTIONAL',
        'hectares DOUBLE OPTIONAL',
        'member UTF8 OPTIONAL',
        'request_id UTF8 OPTIONAL',
      ]);
      for (const { meta_data } of predictions.metadata.row_groups.flatMap(({ columns }) => columns)) {
        assert.equal(meta_data?.codec, 'SNAPPY');
        const { min_value: least, null_count: nulls } = meta_data.statistics!;
        const isEmpty = Number(nulls) === Number(meta_data.num_values); // as the places of chips that are no part of a raster
        assert.equal(least === undefined, isEmpty, meta_data.path_in_schema.join());
      }
    });

    test("has the ledger's numbers in the metrics table, and published", async () => {
      const { stack } = stacked();
      const { run, model, drift } = row;
      const { mostCommonShare, missingShare, meanProbability } = numbersIn(row);
      const { counts, probabilitySum } = countsIn(row);
      const names = namedIn(row).map(({ name }) => name);
      const shares = counts.map((count) => count / 79);
      const ofEachClass = (rows: typeof predictions.rows) =>
        counts.map((_, value) => rows.filter(({ truth }) => truth === value).length);
      const truths = ofEachClass(predictions.rows);
      const right = ofEachClass(predictions.rows.filter(({ label, truth }) => label === truth));
      assert.equal(sumOf(truths), 79, 'each chip of the shard says what is true');
      const mistakes = predictions.rows.filter(({ label, truth }) => label !== truth);
      const wrong = counts.map((_, value) => mistakes.filter(({ label }) => label === value).length);
      const pairs = Map.groupBy(mistakes, ({ label, truth }) => `${truth} ${label}`);
      const confused = [...pairs]
        .map(([pair, rows]) => [...pair.split(' ').map(Number), rows.length])
        .sort(([a, b], [c, d]) => a! - c! || b! - d!);
      const bins = Array.from({ length: 15 }, (_, bin) => ({
        bin,
        rows: predictions.rows.filter(({ probability }) => Math.ceil(probability! * 15) - 1 === bin),
      }));
      const reliability = bins
        .filter(({ rows }) => rows.length > 0)
        .map(({ bin, rows }) => [
          bin,
          rows.length,
          rows.filter(({ label, truth }) => label === truth).length,
          sumOf(rows.map(({ probability }) => probability!)),
        ]);

      const stored = await stack.metricsRow(model, `run#${run}`);
      assert.deepEqual(judgedIn(stored), {
        model: `${model.name}/${model.version}`,
        window: `run#${run}`,
        attempt: 1,
        sceneSquares: 79 ** 2,
        months: { [Number(row.day!.slice(5, 7))]: 79 },
        chips: 81,
        blank: 2,
        missing: 0,
        n: 79,
        counts,
        truths,
        right,
        wrong,
        confused,
        reliability,
        shares,
        mostCommonShare,
        missingShare,
        meanProbability,
        probabilitySum,
        drift,
      });

      await stack.ended(row.execution); // what is published follows from the ledger
      const published = await publishedSince();
      for (const { metric, dimensions } of published)
        assert.partialDeepStrictEqual(
          dimensions,
          metric === 'VersionPredictions'
            ? { Model: model.name, Version: model.version }
            : { Model: model.name, Window: 'recent' }, // no other run of this version came lately
        );
      assert.deepEqual(
        Object.fromEntries(
          published.map(({ metric, value, dimensions }) => [metric + (dimensions.Class ?? ''), value]),
        ),
        {
          Chips: 81,
          Blanks: 2,
          BlankShare: 2 / 81,
          Predictions: 79,
          VersionPredictions: 79,
          MostCommonShare: mostCommonShare,
          MissingShare: missingShare,
          MeanProbability: meanProbability,
          Accuracy: sumOf(right) / 79,
          Drift: drift?.jensenShannon,
          NoiseFloor: drift?.noiseFloor,
          ...Object.fromEntries(names.map((name, i) => [`ClassShare${name}`, shares[i]])),
          ...Object.fromEntries(names.map((name, i) => [`ReferenceShare${name}`, REFERENCE[i]])),
        },
      );
    });
  });
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
