import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Areas } from '../../core/drift/areas.ts';
import type { Cell } from '../../core/tables/table.ts';
import { type LocalTables, openLocalTables } from '../../local/tables/localTables.ts';
import { ATHENA_FUNCTIONS, functionsIn } from '../../test/athenaFunctions.ts';
import { makeSqlResults } from '../../test/benches/sqlResults.ts';
import { temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { FIRST_QUERIES } from '../sql/sql.ts';

/** docs/sql.md: each of its questions has an answer, in words that Athena knows as well. */

const document = readFileSync(new URL('../../docs/sql.md', import.meta.url), 'utf8');
const questions = [...document.matchAll(/^((?:[^\n]+\n)*[^\n]+):\n\n```sql\n(.*?)^```$/gms)].map(([, title, sql]) => ({
  title: title!.replaceAll('\n', ' '),
  sql: sql!,
}));
const answer = (words: RegExp) => questions.find(({ title }) => words.test(title))?.sql ?? assert.fail(String(words));

/** Of the band B2: so bright are clouds, let us say. */
const BRIGHT = 50;

describe('docs/sql.md', { timeout: 120_000 }, () => {
  const cwd = temporaryFolder();
  let tables: LocalTables;
  let [dataDir, results] = ['', ''];

  before(async () => {
    const made = await makeSqlResults(cwd);
    ({ dataDir, results } = made);
    tables = await openLocalTables(results);
  });
  after(() => tables.close());

  async function ask(sql: string): Promise<Record<string, Cell>[]> {
    const { columns, rows } = await tables.query(sql);
    const found: Record<string, Cell>[] = [];
    for await (const some of rows)
      for (const row of some) found.push(Object.fromEntries(row.map((cell, i) => [columns[i]!.name, cell])));
    return found;
  }

  test('has thirteen questions', () => {
    assert.equal(questions.length, 13, questions.map(({ title }) => title).join('\n'));
  });

  for (const { title, sql } of [...questions, ...FIRST_QUERIES.map((query) => ({ title: query, sql: query }))])
    test(`${title}: has an answer, by functions that Athena has`, async () => {
      assert.deepEqual(
        functionsIn(sql).filter((name) => !ATHENA_FUNCTIONS.includes(name)),
        [],
      );
      const rows = await ask(sql);
      const isEmpty = /disagree/.test(title) || /"window" = 'day'/.test(sql); // one version, and a day that nobody has judged
      assert.equal(rows.length > 0, !isEmpty);
    });

  test('returns the known accuracy of the samples', async () => {
    const rows = await ask(answer(/^Accuracy/));
    const known = Object.fromEntries(rows.map(({ model, chips, accuracy }) => [model, [chips, accuracy]]));
    assert.deepEqual(known['landsat-statlog'], [2000n, 0.921]);
  });

  test('returns the same accuracy when the truth of chips that were chosen as least certain is sent', async () => {
    const [chip = assert.fail()] = await ask(
      `SELECT run, scene, "index", label, truth FROM predictions WHERE model = 'landsat-statlog' AND label = truth ORDER BY "index" LIMIT 1`,
    );
    const [{ truth: other } = assert.fail()] = await ask(
      `SELECT truth FROM predictions WHERE model = 'landsat-statlog' AND truth <> ${chip['truth']} LIMIT 1`,
    );
    const rows = [`${chip['scene']},${chip['index']},${other},least-certain`];
    writeFileSync(join(cwd, 'chosen.csv'), ['scene,index,truth,sample', ...rows, ''].join('\n'));
    const { code, stderr } = await swathHere(['truth', 'chosen.csv', '--data-dir', dataDir], cwd);
    assert.equal(code, 0, stderr);
    tables.close();
    tables = await openLocalTables(results);
    const found = (await ask(answer(/^Accuracy/))).find(({ model }) => model === 'landsat-statlog');
    assert.deepEqual([found?.['chips'], found?.['accuracy']], [2000n, 0.921]);
  });

  test('returns the failed runs', async () => {
    const [row, ...others] = await ask(answer(/failed/));
    assert.deepEqual(others, []);
    assert.partialDeepStrictEqual(row, {
      error: 'InvalidSceneFile',
      error_step: 'Preprocess',
      is_final: true,
      files: 1n,
    });
  });

  test('returns shares of a mask that add up to at most 1', async () => {
    const [{ vegetation, water, pixels } = assert.fail()] = await ask(answer(/masks/));
    assert.ok(Number(vegetation) >= 0 && Number(vegetation) + Number(water) <= 1, `${vegetation}, ${water}`);
    assert.equal(Number(pixels), 256 * 256);
  });

  /** States truths of the raster's chips, of which every third is another than was predicted; those of files without a place are of no land. */
  async function tellTruths(version: string): Promise<void> {
    const chips = await ask(
      `SELECT scene, chip_id, coalesce(top_label, label) AS label FROM predictions WHERE version = '${version}' AND scene LIKE '%kenya%' ORDER BY "index"`,
    );
    const lines = chips.map(
      ({ scene, chip_id: id, label }, i) => `${scene},${id},${i % 3 > 0 ? label : (Number(label) + 1) % 4}`,
    );
    writeFileSync(join(cwd, 'truth.csv'), ['scene,chip_id,truth', ...lines].join('\n'));
    const { code, stderr } = await swathHere(['truth', 'truth.csv', '--data-dir', dataDir], cwd);
    assert.equal(code, 0, stderr);
    tables.close();
    tables = await openLocalTables(results); // with what came since
  }

  /** The areas that `swath area` prints of the live version, and that the query returns; and how many truths they are of. */
  async function assertAreas(sql: string): Promise<number> {
    const { code, stdout, stderr } = await swathHere(['area', '--since', '2d', '--json', '--data-dir', dataDir], cwd);
    assert.equal(code, 0, stderr);
    const [{ classes, known } = assert.fail()] = (JSON.parse(stdout) as { areas: Areas[] }).areas;
    const rows = new Map((await ask(sql)).map((row) => [row['class'], row]));
    for (const { name, mapped, corrected } of classes) {
      const { mapped: there, corrected: area, low, high } = rows.get(name) ?? assert.fail(name);
      const found = [there, area, low, high].map(Number);
      for (const [i, hectares] of [mapped, corrected!.area, ...corrected!.interval].entries())
        assert.ok(Math.abs(found[i]! / hectares - 1) < 1e-6, `${name}: ${found}, not ${hectares}`);
    }
    return known;
  }

  test('returns the land of each month of acquisition that swath area prints, and none of models of pixels', async () => {
    const args = ['area', '--since', '2d', '--by', 'month', '--json', '--data-dir', dataDir];
    const { code, stdout, stderr } = await swathHere(args, cwd);
    assert.equal(code, 0, stderr);
    const printed = (JSON.parse(stdout) as { areas: (Areas & { by: string })[] }).areas.flatMap(({ by, classes }) =>
      classes.flatMap(({ name, mapped }) => (mapped > 0 ? [`${by} ${name} ${mapped.toFixed(3)}`] : [])),
    );
    const rows = await ask(answer(/by the month of `acquired`/));
    assert.deepEqual(new Set(rows.map(({ model }) => model)), new Set(['droughtwatch-baseline']));
    assert.deepEqual(
      rows.map(({ month, class: name, hectares }) => `${month} ${name} ${Number(hectares).toFixed(3)}`).toSorted(),
      printed.toSorted(),
    );
    assert.match(printed[0]!, /^2018-01 /);
  });

  test('returns the corrected areas that swath area prints', async () => {
    await tellTruths('1.1.0');
    assert.ok((await assertAreas(answer(/corrected/))) > 10);
  });

  test('returns them of a package with a mask that abstains: without clouded chips, of the most probable classes', async () => {
    const folder = join(cwd, 'clouded');
    cpSync(new URL('../../models/droughtwatch-baseline/1.1.0', import.meta.url), folder, { recursive: true });
    rmSync(join(folder, 'sample.json'));
    type Json = { properties: object; calibration?: object };
    const edit = (file: string, change: (json: Json) => void) => {
      const json = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      change(json);
      writeFileSync(join(folder, file), JSON.stringify(json));
    };
    edit('reference.json', (json) => {
      json.calibration = { chips: 100, right: 75, threshold: 0.8 };
    });
    const values = Array.from({ length: 256 }, (_, value) => value).slice(BRIGHT);
    const properties = { version: '1.1.1', 'swath:abstain': true, 'swath:mask': { band: 'B2', values, share: 0.2 } };
    edit('item.json', (json) => Object.assign(json.properties, properties));
    const shard = fileURLToPath(new URL('../../samples/droughtwatch/part-r-00012', import.meta.url));
    for (const args of [
      ['model', 'publish', folder, '--promote'],
      ['classify', shard],
      ['classify', 'kenya.tif'],
    ]) {
      const { code, stderr } = await swathHere([...args, '--data-dir', dataDir], cwd);
      assert.equal(code, 0, stderr);
    }
    tables.close();
    tables = await openLocalTables(results); // with the columns that only these files have
    await tellTruths('1.1.1');
    const sql = answer(/corrected/).replace("'1.1.0'", "'1.1.1'");
    const known = await assertAreas(sql);
    const [{ clouded, unsure, all } = assert.fail()] = await ask(
      `SELECT count(CASE WHEN masked > 0.2 THEN 1 END) AS clouded, count(CASE WHEN label IS NULL THEN 1 END) AS unsure, count(*) AS "all" FROM predictions WHERE version = '1.1.1' AND scene LIKE '%kenya%'`,
    );
    assert.equal(known, Number(all) - Number(clouded));
    assert.ok(Number(clouded) > 5 && Number(unsure) > 5, `${clouded} clouded, ${unsure} unsure of ${all}`);
  });

  test('returns the cost of a day in cents', async () => {
    const days = await ask(answer(/costs/)); // two of them, around midnight
    const sum = (of: (day: (typeof days)[number]) => unknown) =>
      days.reduce((total, day) => total + Number(of(day)), 0);
    assert.equal(
      sum(({ files }) => files),
      6,
    );
    const dollars = sum((day) => day['dollars']);
    assert.ok(dollars > 0 && dollars < 0.01, `${dollars}`);
  });
});
