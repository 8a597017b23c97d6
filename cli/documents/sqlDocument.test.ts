import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Areas } from '../../core/drift/areas.ts';
import type { Cell } from '../../core/tables/table.ts';
import { type LocalTables, openLocalTables } from '../../local/tables/localTables.ts';
import { ATHENA_FUNCTIONS, functionsIn } from '../../test/athenaFunctions.ts';
import { makeSqlResults } from '../../test/benches/sqlResults.ts';
import { temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { FIRST_QUERIES } from '../sql/sqlListing.ts';

/** docs/sql.md: each of its questions has an answer, in words that Athena knows as well. */

const document = readFileSync(new URL('../../docs/sql.md', import.meta.url), 'utf8');
const questions = [...document.matchAll(/^((?:[^\n]+\n)*[^\n]+):\n\n```sql\n(.*?)^```$/gms)].map(([, title, sql]) => ({
  title: title!.replaceAll('\n', ' '),
  sql: sql!,
}));
const answer = (words: RegExp) => questions.find(({ title }) => words.test(title))?.sql ?? assert.fail(String(words));

describe('docs/sql.md', { timeout: 120_000 }, () => {
  const cwd = temporaryFolder();
  let tables: LocalTables;
  let dataDir: string;

  before(async () => {
    const made = await makeSqlResults(cwd);
    ({ dataDir } = made);
    tables = await openLocalTables(made.results);
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

  test('returns the corrected areas that swath area prints', async () => {
    const { code, stdout, stderr } = await swathHere(['area', '--since', '2d', '--json', '--data-dir', dataDir], cwd);
    assert.equal(code, 0, stderr);
    const [{ classes, known } = assert.fail()] = (JSON.parse(stdout) as { areas: Areas[] }).areas;
    assert.equal(known, 79);
    const rows = new Map((await ask(answer(/corrected/))).map((row) => [row['class'], row]));
    for (const { name, mapped, corrected } of classes) {
      const { mapped: there, corrected: area, low, high } = rows.get(name) ?? assert.fail(name);
      const found = [there, area, low, high].map(Number);
      for (const [i, hectares] of [mapped, corrected!.area, ...corrected!.interval].entries())
        assert.ok(Math.abs(found[i]! / hectares - 1) < 1e-6, `${name}: ${found}, not ${hectares}`);
    }
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
