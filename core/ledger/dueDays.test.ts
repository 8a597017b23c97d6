import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { startTestTables } from '../../test/benches/tables.ts';
import { through } from '../../test/benches/through.ts';
import { makeLedger } from './ledger.ts';

/** Which closed days are to be looked at once more, and what that costs. */

const tables = await startTestTables();
const due = makeLedger(tables, LEDGER_TABLE);
const at = (day: string, second: number) => `${day}T10:00:${String(second).padStart(2, '0')}.000Z`;

/** The same, and how many items were read. */
function counted() {
  let read = 0;
  const watched = through(tables, async ({ answer }) => {
    const answered = await answer();
    read += answered.Items?.length ?? 0;
    return answered;
  });
  return { ...makeLedger(watched, LEDGER_TABLE), read: () => read };
}

/** Tables in which a day has marks without end, on pages of so many. */
function crowded(day: string, onAPage: number) {
  let pages = 0;
  const marks = Array.from({ length: onAPage }, (_, i) => ({
    scene: 'sweep#due',
    model: `${day}#${at(day, 1)}#r${i}-1`,
    day,
    mark: `r${i}-1`,
    at: at(day, 1),
  }));
  const endless = through(tables, async () => {
    pages += 1;
    assert.ok(pages < 9, 'it goes on for ever');
    return { Items: marks, LastEvaluatedKey: { scene: 'sweep#due', model: marks.at(-1)!.model } };
  });
  return { ...makeLedger(endless, LEDGER_TABLE), pages: () => pages };
}

describe('days that are due', () => {
  test('are listed latest first, with one item read for each day, however many marks it has', async () => {
    for (const [day, marks] of [
      ['2026-03-01', 3],
      ['2026-03-02', 9],
      ['2026-03-04', 1],
      ['2026-03-05', 1],
    ] as const)
      for (let i = 0; i < marks; i += 1) await due.markDue({ day, mark: `r${i}-1`, at: at(day, i) });
    const { dueDays, read } = counted();
    assert.deepEqual(await dueDays('2026-03-05'), ['2026-03-04', '2026-03-02', '2026-03-01']);
    assert.equal(read(), 3);
  });
});

describe('the marks of a day', () => {
  const day = '2026-04-01';
  const seconds = async (marks: Promise<{ at: string }[]>) =>
    (await marks).map((mark) => Number(mark.at.slice(17, 19)));
  const prepared = (async () => {
    for (const second of [1, 2, 3, 4, 5]) await due.markDue({ day, mark: `r${second}-1`, at: at(day, second) });
    await due.markDue({ day: '2026-04-02', mark: 'other-1', at: at(day, 3) });
  })();

  test('are listed from a given time on', async () => {
    await prepared;
    const { marksSince, read } = counted();
    assert.deepEqual(await seconds(marksSince(day, new Date(at(day, 2)))), [2, 3, 4, 5]);
    assert.equal(read(), 4);
  });

  test('are listed up to a given time, with only their keys read', async () => {
    await prepared;
    const shapes = new Set<string>();
    const watched = through(tables, async ({ answer }) => {
      const answered = await answer();
      for (const item of answered.Items) shapes.add(Object.keys(item).join());
      return answered;
    });
    const keys = await makeLedger(watched, LEDGER_TABLE).marksBefore(day, new Date(at(day, 3)));
    assert.deepEqual(
      keys,
      [1, 2].map((second) => `${day}#${at(day, second)}#r${second}-1`),
    );
    assert.deepEqual([...shapes], ['model']);
  });

  test('are listed at most a hundred thousand at a time', async () => {
    for (const ask of ['marksSince', 'marksBefore'] as const) {
      const crowd = crowded(day, 50_000);
      assert.deepEqual([(await crowd[ask](day, new Date(at(day, 0)))).length, crowd.pages()], [100_000, 2]);
    }
  });
});
