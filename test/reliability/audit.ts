import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Prediction, readPredictions } from '../predictions.ts';
import type { Kind } from './sceneFiles.ts';
import { type Item, indexTroubles, type TablesAtRest } from './tablesAtRest.ts';

/**
 * Looks at all that a stack has left behind and says, in sentences, what of Swath's promises does not hold. It reads what
 * a stranger could read (files, Parquet by a reader of others', the tables item by item) and asks none of the code that
 * is to be judged.
 */

/** A version of a file that was put into the inbox. */
export type Put = {
  key: string;
  sha256: string;
  kind: Kind;
  /** Whether it was written over since, so that nobody may have seen it, or only half of it. */
  isFormer?: boolean;
};

export type Audited = {
  inbox: string;
  results: string;
  tables: TablesAtRest;
  puts: Put[];
  /** The predictions that a content has to have, in the order of its records; null where it does not say. */
  expected: (sha256: string) => Prediction[] | null;
};

export type Audit = { errors: string[]; rows: number; counted: number; parquetFiles: number; predictions: number };

const END_STATES = ['DONE', 'EMPTY', 'DUPLICATE', 'INVALID', 'FAILED'];
/** What becomes of each kind of file: by itself, or as a second one of the same bytes. */
const ENDS: Record<Kind, string[]> = {
  chips: ['DONE', 'DUPLICATE'],
  blank: ['EMPTY', 'DUPLICATE'],
  invalid: ['INVALID'],
};
/** A probability is a float of 32 bits, and a batch of another size may add it up in another order. */
const TOLERANCE = 1e-5;

export async function audit({ inbox, results, tables, puts, expected }: Audited): Promise<Audit> {
  const rows = tables.ledger.filter(isRun);
  const byScene = Map.groupBy(rows, ({ scene }) => String(scene));
  const byContent = Map.groupBy(puts, ({ sha256 }) => sha256);
  const scenes = new Set(puts.map(sceneOf));
  const digests = new Map(tables.ledger.map((item) => [`${item['scene']} ${item['model']}`, item]));
  const metricsOf = new Map(tables.metrics.map((item) => [`${item['window']} ${item['model']}`, item]));
  const files = (await filesIn(join(results, 'predictions'))).filter((path) => path.endsWith('.parquet'));
  const counted = rows.filter(({ state }) => state === 'DONE' || state === 'EMPTY');
  const read = new Map<string, Prediction[]>();
  const errors = [
    ...puts.flatMap(oneEndState),
    ...rows.flatMap(wasPut),
    ...[...byContent].flatMap(countedOnce),
    ...rows.flatMap(namesOwner),
    ...(await predictionsComplete()),
    ...counted.flatMap(countsAgree),
    ...daysAddUp(),
    ...(await inboxUntouched()),
    ...indexTroubles(tables),
  ];
  const predictions = [...read.values()].reduce((sum, { length }) => sum + length, 0);
  return { errors, rows: rows.length, counted: counted.length, parquetFiles: files.length, predictions };

  /** Rule 1: each version has one row, at an end, and at the one that its content is for. */
  function oneEndState({ key, sha256, kind, isFormer = false }: Put): string[] {
    const found = byScene.get(sceneOf({ key, sha256 })) ?? [];
    if (found.length === 0) return isFormer ? [] : [`${key} (${sha256}) has no row`];
    if (found.length > 1) return [`${key} has ${found.length} rows`];
    const [{ state, error }] = found as [Item];
    const allowed = isFormer ? END_STATES : ENDS[kind];
    if (allowed.includes(String(state))) return [];
    return [`${key} (${kind}) is ${state}, allowed is ${allowed.join(' or ')}: ${JSON.stringify(error ?? null)}`];
  }

  function wasPut({ scene }: Item): string[] {
    return scenes.has(String(scene)) ? [] : [`${scene} has a row and was never put in`];
  }

  /** Rule 2, of the runs: among the rows of one content, one counts and the others point to it. */
  function countedOnce([sha256, same]: [string, Put[]]): string[] {
    const ofContent = same.flatMap((put) => byScene.get(sceneOf(put)) ?? []);
    const those = ofContent.filter(({ state }) => state === 'DONE' || state === 'EMPTY');
    const kind = same[0]!.kind;
    const mustCount = kind !== 'invalid' && same.some(({ isFormer }) => isFormer !== true);
    if (those.length > 1 || (mustCount && those.length === 0))
      return [`the content ${sha256} is counted ${those.length} times, by ${ofContent.map(({ scene }) => scene)}`];
    const [owner] = those;
    const strayed = ofContent.filter(
      ({ state, duplicateOf }) => state === 'DUPLICATE' && duplicateOf !== owner?.['run'],
    );
    const named = owner && digests.get(`digest#${sha256} ${owner['model']}`)?.['owner'];
    return [
      ...strayed.map(({ scene }) => `${scene} is a DUPLICATE, and not of the run that counts`),
      ...(named === owner?.['run'] ? [] : [`the content ${sha256} belongs to ${named}, and ${owner?.['run']} counts`]),
    ];
  }

  /** A duplicate leads to the run that counts, or has failed, in one step. */
  function namesOwner({ scene, state, duplicateOf }: Item): string[] {
    if (state !== 'DUPLICATE') return [];
    const owner = rows.find(({ run }) => run === duplicateOf);
    return owner !== undefined && owner['state'] !== 'DUPLICATE'
      ? []
      : [`${scene} is a duplicate of ${owner?.['scene'] ?? duplicateOf}, which is ${owner?.['state'] ?? 'no run'}`];
  }

  /** Rules 2 and 4: a run that counts has all of its predictions, and nobody else has any. */
  async function predictionsComplete(): Promise<string[]> {
    const found: string[] = [];
    const wanted = new Set<string>();
    const batches = new Map<string, Item[]>();
    for (const row of rows.filter(({ state }) => state === 'DONE')) {
      const { run, digest, parts, batch } = row;
      if (batch !== undefined) {
        const path = predictionsPath({ ...row, run: batch }, 0);
        const of = batches.get(path) ?? [];
        of.push(row);
        batches.set(path, of);
        continue;
      }
      const all: Prediction[] = [];
      for (let part = 0; part < Number(parts); part += 1) {
        const path = predictionsPath(row, part);
        wanted.add(path);
        const bytes = await readFile(join(results, ...path.split('/'))).catch(() => undefined);
        const predictions = bytes && (await readPredictions(bytes).catch(() => undefined));
        if (predictions === undefined)
          found.push(`${path} of a run that is DONE ${bytes ? 'cannot be read' : 'is not there'}`);
        else all.push(...predictions.rows);
      }
      read.set(String(run), all);
      const difference = differenceOf(all, expected(String(digest))) ?? strayIn(all, row);
      if (difference !== undefined)
        found.push(`the predictions of ${row['scene']} are not those of its content: ${difference}`);
    }
    for (const [path, of] of batches) {
      wanted.add(path);
      found.push(...(await batchComplete(path, of)));
    }
    for (const path of files)
      if (!wanted.has(`predictions/${path}`))
        found.push(`${path} is there, and no run that is DONE has it: ${ownerOf(path)}`);
    return found;
  }

  /** The same of a batch, whose file has the predictions of each of the runs that it brought to their end, and no others. */
  async function batchComplete(path: string, of: Item[]): Promise<string[]> {
    const bytes = await readFile(join(results, ...path.split('/'))).catch(() => undefined);
    const predictions = bytes && (await readPredictions(bytes).catch(() => undefined));
    if (predictions === undefined) return [`${path} of a batch ${bytes ? 'cannot be read' : 'is not there'}`];
    const byContent = Map.groupBy(predictions.rows, (row) => row.digest);
    const found = of.flatMap((row) => {
      const { run, scene, digest } = row;
      const all = byContent.get(String(digest)) ?? [];
      byContent.delete(String(digest));
      read.set(String(run), all);
      const difference = differenceOf(all, expected(String(digest))) ?? strayIn(all, row);
      return difference === undefined
        ? []
        : [`the predictions of ${scene} are not those of its content: ${difference}`];
    });
    return [
      ...found,
      ...[...byContent.keys()].map((content) => `${path} has predictions of ${content}, and no run that is done by it`),
    ];
  }

  function ownerOf(path: string): string {
    const row = rows.find(({ run }) => path.includes(String(run)));
    if (row === undefined) return 'it is of no run at all';
    return `${row['scene']} is ${row['state']} in attempt ${row['attempt']}, ${JSON.stringify(row['error'] ?? row['duplicateOf'] ?? null)}`;
  }

  /** Rule 2, of the numbers: what the row and its metrics row say is what the predictions are. */
  function countsAgree({ run, model, state, summary, chips, blank, batch }: Item): string[] {
    const { names, counts } = countedIn(summary);
    if (state === 'EMPTY') return sum(counts) === 0 && chips === blank ? [] : [`${run} is EMPTY and counts something`];
    const predicted = read.get(String(run)) ?? [];
    const inFile = names.map((name) => predicted.filter((one) => one.class === name).length);
    const metrics = metricsOf.get(`run#${run} ${model}`);
    const inMetrics = metrics && judgedIn(metrics).counts;
    return [
      ...(same(counts, inFile) ? [] : [`the ledger counts ${counts} for ${run}, its predictions are ${inFile}`]),
      ...(predicted.length === Number(chips) - Number(blank)
        ? []
        : [`${run} has ${predicted.length} predictions for ${chips} chips, ${blank} of them blank`]),
      ...(batch !== undefined || same(inMetrics, counts)
        ? []
        : [`the metrics row of ${run} counts ${JSON.stringify(inMetrics)}, its row in the ledger ${counts}`]),
    ];
  }

  /** Rule 2, of the days: the newest revision is the sum of what counted at its cut-off, and of what lies in its folder. */
  function daysAddUp(): string[] {
    const ofDay = Map.groupBy(counted, ({ model, countedDay }) => `${model} on ${countedDay}`);
    return [...ofDay].flatMap(([name, those]) => {
      const { model, countedDay } = those[0]!;
      const revisions = tables.metrics.filter(
        (item) => item['model'] === model && String(item['window']).startsWith(`day#${countedDay}#`),
      );
      const newest = revisions.sort((a, b) => Number(a['revision']) - Number(b['revision'])).at(-1);
      if (newest === undefined) return [`${name} was never judged`];
      const atCutOff = those.filter(({ changed }) => String(changed).split('#')[0]! <= String(newest['cutOff']));
      const late = those.length - atCutOff.length;
      const sums = {
        runs: atCutOff.length,
        chips: sum(atCutOff.map(({ chips }) => Number(chips))),
        blank: sum(atCutOff.map(({ blank }) => Number(blank))),
        counts: atCutOff.reduce<number[]>((total, { run, summary }) => {
          const predicted = read.get(String(run)) ?? [];
          return countedIn(summary).names.map(
            (one, i) => (total[i] ?? 0) + predicted.filter((row) => row.class === one).length,
          );
        }, []),
      };
      const { runs, chips, blank } = newest;
      const { counts } = judgedIn(newest);
      const says = JSON.stringify({ runs, chips, blank, counts });
      return [
        ...(late === 0 ? [] : [`${late} runs of ${name} came after its last cut-off`]),
        ...(says === JSON.stringify(sums) ? [] : [`${name} says ${says}, its runs are ${JSON.stringify(sums)}`]),
      ];
    });
  }

  /** Rule 6: what was put in lies there, byte by byte. */
  async function inboxUntouched(): Promise<string[]> {
    const errors: string[] = [];
    for (const { key, sha256 } of puts.filter(({ isFormer }) => isFormer !== true)) {
      const found = await digestOf(join(inbox, ...key.split('/'))).catch(() => undefined);
      if (found !== sha256)
        errors.push(`${key} ${found === undefined ? 'is gone from the inbox' : 'has other bytes than were put in'}`);
    }
    return errors;
  }
}

/** The ledger's items that are runs: its other ones have a scene that no bucket's name begins. */
export function isRun({ scene }: Item): boolean {
  return String(scene).startsWith('inbox/');
}

/** Every file below a folder, with slashes. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    );
}

function sceneOf({ key, sha256 }: Pick<Put, 'key' | 'sha256'>): string {
  return `inbox/${key}#${sha256}`;
}

function predictionsPath({ run, model, day }: Item, part: number): string {
  const [name, version] = String(model).split('/');
  return `predictions/model=${name}/version=${version}/date=${day}/${run}-${String(part).padStart(5, '0')}.parquet`;
}

/** Where the predictions are not those that they have to be. */
/** A row that says that it is of another run, or of another file. */
function strayIn(found: Prediction[], { run, scene }: Item): string | undefined {
  const stray = found.findIndex((row) => row.run !== run || !String(scene).includes(`/${row.scene}#`));
  return stray < 0 ? undefined : `row ${stray} is of the run ${found[stray]?.run} of ${found[stray]?.scene}`;
}

function differenceOf(found: Prediction[], wanted: Prediction[] | null): string | undefined {
  if (wanted === null) return 'nobody knows what they have to be';
  if (found.length !== wanted.length) return `${found.length} rows, and not ${wanted.length}`;
  for (const [i, row] of found.entries()) {
    for (const [name, value] of Object.entries(wanted[i]!)) {
      if (name === 'run' || name === 'scene') continue; // the same content may be another file's
      const is = row[name as keyof Prediction];
      const isNear = typeof value === 'number' && typeof is === 'number' && Math.abs(value - is) <= TOLERANCE;
      if (is !== value && !isNear) return `row ${i}: ${name} is ${is}, and not ${value}`;
    }
  }
  return undefined;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** What a row of the ledger says of its classes. */
function countedIn(summary: unknown): { names: string[]; counts: number[] } {
  return JSON.parse(String(summary));
}

/** What a row of the metrics says of them. */
function judgedIn({ judgement }: Item): { counts: number[] } {
  return JSON.parse(String(judgement));
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
