import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelId } from '../../core/base/messages.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { queryItems, type TableWith } from '../../core/ledger/table.ts';
import type { ComparedRuns } from '../../core/releases/comparison/compareRuns.ts';
import type { HistoryRecord } from '../../core/releases/promotionHistory.ts';
import { NAME, type Versions } from './packages.ts';

/**
 * The life of two candidates, once for every stack: each shadows the live version for a week, the gate refuses the one that is worse and lets
 * the one that is better pass, which is gone back from. A stack says how that comes about in it, be it by itself or by a person's hand.
 */
export type Life = {
  versions: Versions;
  /** Whose doing promotions and refusals are, and why the better one was promoted, as the history of promotions has it. */
  by: string;
  reason: RegExp;
  /** Registers a version under the alias, and lasts until it shadows the live one. */
  arrives: (version: string) => Promise<void>;
  /** A week of files whose truth is known, until the live version has classified each, and its shadow as well; answers the live one's runs. */
  week: () => Promise<LedgerRow[]>;
  /** The gate is asked whether a version that has shadowed for a week may take the live one's place. */
  decides: (version: string, to: 'refused' | 'promoted') => Promise<void>;
  /** Promotes what was promoted before. */
  goesBack: () => Promise<void>;
  /** One file more, until it is classified. */
  another: () => Promise<LedgerRow>;
  live: () => Promise<string | undefined>;
  shadow: () => Promise<string | undefined>;
  compared: (first: string, second: string) => Promise<Pick<ComparedRuns, 'chips' | 'rightByOne'>>;
  /** The newest first. */
  history: () => Promise<HistoryRecord[]>;
  /** Of all that people were told, what is about versions; null where nobody needs to be told. */
  told: (() => Promise<string[]>) | null;
  ledger: Pick<Ledger, 'shadowsOf'>;
  listResults: (prefix: string) => Promise<string[]>;
  /** What counts in verdicts and days. */
  metrics: { table: TableWith<'query'>; name: string };
};

/** The tests come one after the other, and leave the first version live. */
export function candidateLife(at: () => Life): void {
  const { of, tells } = makeQuestions(at);

  test('a candidate shadows the live version, and counts nowhere', async () => {
    const { versions, arrives, week } = at();
    await arrives(versions.worse);
    assert.deepEqual(await of.standing(), [versions.live, versions.worse]);
    await tells(`A candidate: ${NAME} ${versions.worse}`);
    const [before, others] = [await of.counted(versions.live), await of.results('predictions/')];
    const rows = await week();
    await of.shadowed(rows, versions.worse);
    assert.equal(await of.counted(versions.worse), 0);
    assert.equal(await of.counted(versions.live), before + rows.length, 'the live version counts as without a shadow');
    const written = (await of.results('predictions/')).filter((key) => !others.includes(key));
    assert.ok(written.length >= rows.length);
    assert.ok(written.every((key) => key.includes(`/version=${versions.live}/`)));
    assert.deepEqual(await of.standing(), [versions.live, versions.worse]);
  });

  test('one that is worse is refused by the gate, and shadows no longer', async () => {
    const { versions, compared, decides } = at();
    const { chips, rightByOne } = await compared(versions.live, versions.worse);
    assert.equal(chips, of.chipsOfWeek());
    assert.ok(rightByOne!.first > rightByOne!.second);
    await decides(versions.worse, 'refused');
    assert.deepEqual(await of.standing(), [versions.live, undefined]);
    await tells(`The gate has not let ${NAME} ${versions.worse} pass`);
  });

  test('one that is better is promoted, and classifies from then on', async () => {
    const { versions, arrives, week, compared, decides, another } = at();
    await arrives(versions.better);
    await tells(`A candidate: ${NAME} ${versions.better}`);
    await of.shadowed(await week(), versions.better);
    const { chips, rightByOne } = await compared(versions.live, versions.better);
    assert.equal(chips, of.chipsOfWeek());
    assert.ok(rightByOne!.second > rightByOne!.first);
    await decides(versions.better, 'promoted');
    assert.deepEqual(await of.standing(), [versions.better, undefined]);
    await tells(`Promoted: ${NAME} ${versions.better}`);
    const row = await another();
    assert.deepEqual([row.state, row.model.version], ['DONE', versions.better]);
    assert.equal(await of.counted(versions.better), 1, 'from its promotion on it counts');
  });

  test('it is gone back from, and the history of promotions tells who did all that, when and why', async () => {
    const { versions, by, reason, goesBack, another, history } = at();
    await goesBack();
    assert.deepEqual(await of.standing(), [versions.live, undefined]);
    assert.equal((await another()).model.version, versions.live);
    const [back, promoted, refused, first] = await history();
    assert.deepEqual(
      [back, promoted, refused, first].map((record) => [record?.version, record && kindOf(record)]),
      [
        [versions.live, 'rollback'],
        [versions.better, 'promotion'],
        [versions.worse, 'refused'],
        [versions.live, 'promotion'],
      ],
    );
    assert.deepEqual([promoted?.by, refused?.by], [by, by]);
    assert.ok(
      typeof back?.by === 'string' && back.by === first?.by,
      'people promoted the first one, and went back to it',
    );
    assert.match(promoted?.reason ?? '', reason);
    const { refusals = [] } = refused!;
    assert.match(refusals[0] ?? '', /^Accuracy: of \d+ chips whose truth is known/);
    const times = [first, refused, promoted, back].map((record) => Date.parse(record!.at!));
    assert.deepEqual(
      times,
      times.toSorted((one, other) => one - other),
    );
    await tells();
  });
}

function kindOf(record: HistoryRecord): string {
  if ('isRefused' in record) return 'refused';
  return record.isRollback ? 'rollback' : 'promotion';
}

/** What the tests ask of a stack, and what they remember between each other. */
function makeQuestions(at: () => Life) {
  const toldSoFar: string[] = [];
  let chipsOfWeek = 0;

  const of = {
    standing: async () => [await at().live(), await at().shadow()],
    results: (prefix: string) => at().listResults(`${prefix}model=${NAME}/`),
    /** How many runs of a version count. */
    counted: async (version: string): Promise<number> => {
      const { table, name } = at().metrics;
      const request = {
        TableName: name,
        KeyConditionExpression: 'model = :model AND begins_with(#window, :run)',
        ExpressionAttributeNames: { '#window': 'window' },
        ExpressionAttributeValues: { ':model': modelId({ name: NAME, version }), ':run': 'run#' },
        ConsistentRead: true,
      };
      const windows: unknown[] = [];
      for await (const { window } of queryItems(table, request)) windows.push(window);
      return windows.length;
    },
    /** Asserts that each run of a week has one beside it, with predictions of its own. */
    shadowed: async (rows: readonly LedgerRow[], version: string): Promise<void> => {
      const { versions, ledger } = at();
      const keys = await of.results('shadows/');
      chipsOfWeek = 0;
      for (const { state, model, scene, chips, blank = 0 } of rows) {
        assert.deepEqual([state, model.version], ['DONE', versions.live]);
        const shadows = (await ledger.shadowsOf(scene)).filter((row) => row.model.version === version);
        assert.partialDeepStrictEqual(shadows, [{ state: 'DONE', shadow: true, chips }]);
        const [{ run }] = shadows as [LedgerRow];
        assert.ok(keys.some((key) => key.includes(`/version=${version}/`) && key.includes(run)));
        chipsOfWeek += chips! - blank;
      }
      assert.ok(chipsOfWeek > 0);
    },
    /** So many chips of the week that was looked at last are not blank. */
    chipsOfWeek: () => chipsOfWeek,
  };

  /** Asserts that people have been told of this now, and of nothing else since. */
  async function tells(...subjects: string[]): Promise<void> {
    const { told } = at();
    if (told === null) return;
    toldSoFar.push(...subjects);
    assert.deepEqual((await told()).toSorted(), toldSoFar.toSorted());
  }

  return { of, tells };
}
