import { isDeepStrictEqual } from 'node:util';
import { parquetReadObjects } from 'hyparquet';
import { truthKey } from '../../core/base/keys.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import type { Item } from './expressions.ts';
import { CLASSES } from './model.ts';
import { isTruthsBody, type SentTruths, saidIn } from './truths.ts';
import type { Violation } from './violation.ts';
import type { World } from './world.ts';

/** What may become of what is said to be true: rule 11, worked out from what was said and predicted, by none of the code under test. */

type Fail = (rule: Violation['rule'], what: string, mayWait?: boolean) => void;

/** A chip as the Parquet files have it. */
type Predicted = { run: string; chip: string; index: number; label: number | null; truth: number | null };
type Told = { at: string; truth: number };

export function makeTruthRules(world: World, { broken }: { broken: (rule: Violation['rule'], what: string) => void }) {
  const sent: SentTruths[] = [];
  const looks: Promise<void>[] = [];

  /** A message is done with when the last word on each of its chips is as late as its own, or when another message or a dead letter has it. */
  function onDone(body: string): void {
    const { at, truths } = saidIn(body);
    const elsewhere = [...world.requests!.left(), ...world.requests!.letters().map((letter) => letter.body)]
      .filter(isTruthsBody)
      .map(saidIn);
    const isElsewhere = (one: (typeof truths)[number]) =>
      elsewhere.some((other) => other.at === at && other.truths.some((word) => isDeepStrictEqual(word, one)));
    const open = truths.filter((one) => !isElsewhere(one));
    // As it lies there now: what is read of it later was there by then.
    const objects = [...world.results.keys()]
      .filter((key) => key.startsWith('truth/'))
      .map((key) => world.results.get(key)!);
    looks.push(
      Promise.all(objects.map(readTold)).then((all) => {
        for (const { scene, index, truth } of open) {
          const chip = chipOf(scene, index);
          const isJoined = all.some((told) => {
            const known = told.get(chip);
            return known !== undefined && !isLater({ at, truth }, known);
          });
          if (!isJoined) broken(11, `what was said of the chip ${index} of ${scene} is done with, and nobody knows it`);
        }
      }),
    );
  }

  /** The chip at a place of a file, as the predictions have it. */
  function chipOf(scene: string, index: number): string {
    for (const { body, words } of sent) {
      const place = saidIn(body).truths.findIndex((one) => one.scene === scene && one.index === index);
      if (place >= 0) return words[place]!.chip;
    }
    throw new Error(`nobody has said anything of the chip ${index} of ${scene}`);
  }

  /** Now that all has come to rest. */
  async function verify(fail: Fail): Promise<void> {
    await Promise.all(looks);
    if (sent.length === 0) return;
    const rows = world.tables.items(LEDGER_TABLE).filter(({ state }) => state === 'DONE');
    const chips = await predictedChips(world);
    const letters = world.requests!.letters().filter(({ body }) => isTruthsBody(body));
    for (const one of sent) {
      const own = letters.filter(
        ({ body }) => saidIn(body).at === one.at && saidIn(body).truths.some(isOneOf(saidIn(one.body).truths)),
      );
      if (one.reason !== null) {
        if (!own.some(({ reason }) => one.reason!.test(reason ?? '')))
          fail(11, `${one.body} can never count, and its dead letters say ${own.map(({ reason }) => reason)}`);
        continue;
      }
      const lost = one.words.filter(({ chip }) => !chips.some((other) => other.chip === chip && isDone(other)));
      if (lost.length > 0 && own.length === 0)
        fail(11, `${one.body} is of chips that nobody has predicted, and no dead letter`);
      if (lost.length === 0 && own.length > 0)
        fail(11, `${one.body} can count, and is a dead letter because of ${own[0]!.reason}`, true);
    }
    for (const row of rows) await checkRow(row);

    function isDone({ run }: Predicted): boolean {
      return rows.some((row) => row['run'] === run);
    }

    async function checkRow(row: Item): Promise<void> {
      const run = String(row['run']);
      const own = chips.filter((chip) => chip.run === run);
      const said = lastWords(sent, own);
      const [name = '', version = ''] = String(row['model']).split('/');
      const found = world.results.find(truthKey({ id: run, model: { name, version }, day: String(row['day']) }));
      const told = found === undefined ? new Map<string, Told>() : await readTold(found.bytes);
      const truthOf = (words: ReadonlyMap<string, { truth: number }>) =>
        [...words].map(([chip, { truth }]) => `${chip}: ${truth}`).toSorted();
      if (!isDeepStrictEqual(truthOf(told), truthOf(said)))
        fail(11, `of run ${run} is told ${truthOf(told)}, and was said ${truthOf(said)}`, true);
      const counted = countsIn(row);
      const wanted = countsOf(own.map(({ chip, label, truth }) => ({ label, truth: told.get(chip)?.truth ?? truth })));
      if (!isDeepStrictEqual(counted, wanted))
        fail(11, `run ${run} counts ${JSON.stringify(counted)}, and its chips are ${JSON.stringify(wanted)}`, true);
    }
  }

  return { expect: (one: SentTruths) => void sent.push(one), onDone, verify };
}

/** Of each chip the last word: the latest one, and of one time the largest. */
function lastWords(sent: readonly SentTruths[], chips: readonly Predicted[]): Map<string, Told> {
  const said = new Map<string, Told>();
  for (const { at, words, reason } of sent)
    for (const { chip, truth } of reason === null ? words : []) {
      const known = said.get(chip);
      const isOwn = chips.some((one) => one.chip === chip);
      if (isOwn && (known === undefined || isLater({ at, truth }, known))) said.set(chip, { at, truth });
    }
  return said;
}

function isLater(one: Told, other: Told): boolean {
  return one.at > other.at || (one.at === other.at && one.truth > other.truth);
}

const isOneOf =
  (truths: readonly { scene: string; index: number; truth: number }[]) =>
  (one: { scene: string; index: number; truth: number }) =>
    truths.some((other) => isDeepStrictEqual(other, one));

type Counts = { truths: number[]; right: number[]; wrong: number[]; confused: [number, number, number][] };

const zeros = () => Array.from({ length: CLASSES }, () => 0);

/** What is to be counted of chips with a prediction and a truth. */
function countsOf(chips: readonly { label: number | null; truth: number | null }[]): Counts {
  const known = chips.filter(({ label, truth }) => label !== null && truth !== null);
  const countOf = (isMeant: (chip: (typeof known)[number], at: number) => boolean) =>
    zeros().map((_, at) => known.filter((chip) => isMeant(chip, at)).length);
  const confused = zeros().flatMap((_, truth) =>
    zeros().flatMap((__, label): [number, number, number][] => {
      const count = known.filter((chip) => chip.truth === truth && chip.label === label).length;
      return count === 0 || truth === label ? [] : [[truth, label, count]];
    }),
  );
  return {
    truths: countOf(({ truth }, at) => truth === at),
    right: countOf(({ truth, label }, at) => truth === at && label === at),
    wrong: countOf(({ truth, label }, at) => truth !== at && label === at),
    confused,
  };
}

/** The same as a row of the ledger has it. */
export function countsIn(row: Item): Counts {
  const {
    truths = zeros(),
    right = zeros(),
    wrong = zeros(),
    confused = [],
  }: Partial<Counts> = JSON.parse(String(row['summary']));
  return { truths, right, wrong, confused };
}

/** Of runs together, as a day has them. */
export function addedCounts(rows: readonly Item[]): Counts {
  const all = rows.map(countsIn);
  const sum = (of: (counts: Counts) => number[]) =>
    zeros().map((_, at) => all.reduce((total, counts) => total + (of(counts)[at] ?? 0), 0));
  const pairs = new Map<string, number>();
  for (const [truth, predicted, count] of all.flatMap(({ confused }) => confused))
    pairs.set(`${truth} ${predicted}`, (pairs.get(`${truth} ${predicted}`) ?? 0) + count);
  return {
    truths: sum(({ truths }) => truths),
    right: sum(({ right }) => right),
    wrong: sum(({ wrong }) => wrong),
    confused: [...pairs]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([pair, count]) => [...(pair.split(' ').map(Number) as [number, number]), count]),
  };
}

async function predictedChips(world: World): Promise<Predicted[]> {
  const chips: Predicted[] = [];
  for (const key of world.results.keys())
    if (key.startsWith('predictions/'))
      for (const row of await parquetReadObjects({ file: world.results.get(key)!.slice().buffer }))
        chips.push({
          run: String(row['run']),
          chip: String(row['chip_id']),
          index: Number(row['index']),
          label: numberOf(row['label']),
          truth: numberOf(row['truth']),
        });
  return chips;
}

async function readTold(bytes: Uint8Array): Promise<Map<string, Told>> {
  const rows = await parquetReadObjects({ file: bytes.slice().buffer });
  return new Map(
    rows.map((row) => [
      String(row['chip_id']),
      { at: (row['told'] as Date).toISOString(), truth: Number(row['truth']) },
    ]),
  );
}

function numberOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
