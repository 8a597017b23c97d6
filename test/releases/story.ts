import assert from 'node:assert/strict';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AttributeValue, BatchWriteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { publishModel } from '../../cli/models/publishModel.ts';
import { tryModel } from '../../cli/models/tryModel.ts';
import type { PipelineFunction } from '../../core/base/functions.ts';
import { predictionsKey, preparedKey, promotedKey, summaryKey } from '../../core/base/keys.ts';
import { type RunRef, type SceneRef, sceneInput, sweepInput } from '../../core/base/messages.ts';
import { type DayRow, makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { makePromotions } from '../../core/releases/promotions.ts';
import { folderBucket } from '../../local/buckets/folderBucket.ts';
import { readTable } from '../../local/stack/service.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../../local/tables/tables.ts';
import { templateOf } from '../../observability/cloudformation.ts';
import { exampleParameters } from '../documents/exampleParameters.ts';
import { encodeExample, encodeTfRecord, type FeatureToEncode } from '../tfrecord.ts';
import type { Execution, InProcess } from './inProcess.ts';

/** An item just as the table keeps it. */
export type Item = Record<string, AttributeValue>;

/** What of a table's definition cannot change without another table, or another index. */
export type TableKeys = { KeySchema: unknown; GlobalSecondaryIndexes?: unknown[] };

/** All that a release leaves behind for the next one. */
export type Story = {
  /** The inbox's files and the results' objects, by their keys. */
  files: Record<string, Uint8Array>;
  objects: Record<string, Uint8Array>;
  /** `promoted.json`, and the output of the stack that the command line reads. */
  promoted: string;
  observedParameters: string;
  tables: Record<string, TableKeys>;
  /** The ledger when the day was over, before the sweep; each run as it was read as well. */
  ledger: Item[];
  rows: LedgerRow[];
  /** The metrics table after the sweep; the days as they were read as well. */
  metrics: Item[];
  days: DayRow[];
  executions: Execution[];
  /** Runs in the middle: which state they were left in, and what was to happen next. */
  unfinished: { state: string; key: string; next: { function: PipelineFunction; message: unknown } }[];
  /** The chips of each class in the files whose runs did not end. */
  found: Record<string, Partial<Record<ClassName, number>>>;
};

type Ready = { run: RunRef; parts: number[] };

/** The day of the story, and when it is swept up. */
export const DAY = new Date('2026-03-01T10:00:00.000Z');
export const NIGHT = new Date('2026-03-02T00:15:00.000Z');

export const BASELINE = fileURLToPath(new URL('../../models/droughtwatch-baseline/1.0.0/', import.meta.url));

/** So many rows and files fill a page of the sweep, so that the next one begins in the middle of something. */
const ROWS_A_PAGE = 500;
const FILES_A_PAGE = 1000;
const PUTS_AT_ONCE = 25; // the most that BatchWriteItem takes

/** A day and a night of a service: a run for each end that there is, three that were left in the middle, and a sweep. */
export async function tellStory(service: InProcess): Promise<Story> {
  const { folder, executions } = service;
  const scenes = new Map<string, { scene: SceneRef; bytes: Uint8Array }>();
  const put = async (key: string, bytes: Uint8Array): Promise<SceneRef> => {
    const scene = await service.put(key, bytes);
    scenes.set(key, { scene, bytes });
    return scene;
  };

  const found: Story['found'] = {};
  const known = (key: string, mark: number, ...chips: ClassName[]) => {
    found[key] = Object.fromEntries([...Map.groupBy(chips, (name) => name)].map(([name, own]) => [name, own.length]));
    return flatScene(mark, ...chips);
  };

  await service.run('no-model', sceneInput(await put('no-model', known('no-model', 10, 'cows-0', 'cows-1'))));
  const models = folderBucket(folder.models);
  const model = await publishModel(models, BASELINE);
  await makePromotions(models, model.name, tryModel).promote(model.version, service.clock.now());

  const done = await put('done', flatScene(20, 'cows-0', 'blank', 'cows-3plus'));
  await service.run('done', sceneInput(done));
  await service.run('done-again', sceneInput(done));
  await service.run('duplicate', sceneInput(await put('duplicate', scenes.get('done')!.bytes)));
  await service.run('empty', sceneInput(await put('empty', flatScene(0, 'blank'))));
  await service.run('invalid', sceneInput(await put('invalid', flatScene(30, 'cows-0').subarray(0, -7))));
  await service.run('failed', sceneInput(await put('failed', known('failed', 40, 'cows-0', 'cows-3plus'))), {
    dying: 'infer',
  });

  const unfinished: Story['unfinished'] = [];
  const leave = (state: string, key: string, name: PipelineFunction, message: unknown) =>
    unfinished.push({ state, key, next: { function: name, message } });

  const claimed = await claimOf('claimed', known('claimed', 50, 'cows-1', 'cows-0', 'cows-0'));
  await service.step('preprocess', claimed, { signal: AbortSignal.abort() }).catch(expect('Interrupted'));
  leave('CLAIMED', 'claimed', 'preprocess', claimed);

  const prepared = await ready(await claimOf('prepared', known('prepared', 60, 'cows-3plus', 'cows-1')));
  leave('PREPARED', 'prepared', 'infer', { run: prepared.run, part: prepared.parts[0] });

  const predicted = await ready(
    await claimOf('predicted', known('predicted', 70, 'cows-0', 'cows-3plus', 'cows-3plus')),
  );
  const parts = await Promise.all(predicted.parts.map((part) => service.step('infer', { run: predicted.run, part })));
  const judging = { run: predicted.run, parts };
  // Between the ledger's PREDICTED and its DONE stands a write to the metrics table.
  await service
    .step('drift', judging, { settings: { METRICS_TABLE: 'not-there' } })
    .catch(expect('ResourceNotFoundException'));
  leave('PREDICTED', 'predicted', 'drift', judging);

  const ledger = await scan(service, LEDGER_TABLE);
  const rows = await rowsOf(service, ledger);
  const { run: id, model: by, day = '' } = rows.find(({ scene }) => scene.key === 'done')!;
  const objects = await readAll([
    preparedKey(prepared.run.id, 0),
    predictionsKey({ id, model: by, day }, 0),
    ...predicted.parts.map((part) => summaryKey(predicted.run, part)),
  ]);
  const promoted = await readFile(join(folder.models, promotedKey(model.name)), 'utf8');

  await crowd(service, ledger);
  service.clock.set(NIGHT);
  await service.run('sweep', sweepInput);

  return {
    files: Object.fromEntries([...scenes].map(([key, { bytes }]) => [key, bytes])),
    objects,
    promoted,
    observedParameters: observedParameters(),
    tables: Object.fromEntries(['LedgerTable', 'MetricsTable'].map((id) => [id, keysOf(readTable(id) as TableKeys)])),
    ledger,
    rows,
    metrics: await scan(service, METRICS_TABLE),
    days: await makeMetricsTable(service.tables, METRICS_TABLE).days(model, dayOf(DAY), dayOf(DAY)),
    executions,
    unfinished,
    found,
  };

  async function claimOf(key: string, bytes: Uint8Array) {
    return { scene: sceneInput(await put(key, bytes)), execution: service.arnOf(key) };
  }

  async function ready(message: unknown): Promise<Ready> {
    return (await service.step('preprocess', message)) as Ready;
  }

  async function readAll(keys: string[]): Promise<Record<string, Uint8Array>> {
    const read = keys.map(async (key) => [key, await readFile(join(folder.results, ...key.split('/')))] as const);
    return Object.fromEntries(await Promise.all(read));
  }
}

/** Blue, green, red and near infrared, all over a chip, that the bundled model takes for a class. */
const FLAT = {
  blank: [0, 0, 0, 0],
  'cows-0': [2, 2, 255, 2],
  'cows-1': [2, 2, 128, 255],
  'cows-3plus': [60, 255, 2, 255],
} as const;
type ClassName = Exclude<keyof typeof FLAT, 'blank'>;

/** A scene file of such chips, which is squeezed into next to nothing; `mark` makes it like no other. */
export function flatScene(mark: number, ...chips: (keyof typeof FLAT)[]): Uint8Array {
  return Buffer.concat(
    chips.map((name) => {
      const other = name === 'blank' ? 0 : mark;
      const values = [other, ...FLAT[name], ...Array<number>(6).fill(other)];
      const bands = values.map((value, i): [string, FeatureToEncode] => [
        `B${i + 1}`,
        { kind: 'bytes', values: [new Uint8Array(65 * 65).fill(value)] },
      ]);
      return encodeTfRecord(encodeExample([...bands, ['label', { kind: 'int64', values: [0n] }]]));
    }),
  );
}

/** Every item of a table, in the order of its keys. */
export async function scan({ tables }: InProcess, TableName: string): Promise<Item[]> {
  const items: Item[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await tables.send(new ScanCommand({ TableName, ExclusiveStartKey }));
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  const keyOf = ({ scene, model, window }: Item) => `${scene?.S ?? ''} ${model?.S ?? ''} ${window?.S ?? ''}`;
  return items.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** The runs among a ledger's items, as this release reads them. */
export async function rowsOf({ tables }: InProcess, items: Item[]): Promise<LedgerRow[]> {
  const ledger = makeLedger(tables, LEDGER_TABLE);
  const keys = items.flatMap(({ bucket, key, versionId, model }) => {
    const [name = '', version = ''] = model!.S!.split('/');
    return bucket === undefined // the row of some content's owner
      ? []
      : [{ scene: { bucket: bucket.S!, key: key!.S!, versionId: versionId!.S! }, model: { name, version } }];
  });
  return Promise.all(keys.map(async ({ scene, model }) => (await ledger.get(scene, model))!));
}

/** Puts items into a table just as they are. */
export async function putItems({ tables }: InProcess, TableName: string, items: Item[]): Promise<void> {
  for (let first = 0; first < items.length; first += PUTS_AT_ONCE) {
    const puts = items.slice(first, first + PUTS_AT_ONCE).map((Item) => ({ PutRequest: { Item } }));
    const { UnprocessedItems = {} } = await tables.send(
      new BatchWriteItemCommand({ RequestItems: { [TableName]: puts } }),
    );
    assert.deepEqual(UnprocessedItems, {});
  }
}

/** Fills a page of failed rows that nothing is to be done about any more, and one of files that are gone when they are looked at. */
export async function crowd(service: InProcess, ledger: Item[]): Promise<void> {
  const failed = ledger.find(({ state, key }) => state?.S === 'FAILED' && key?.S === 'failed')!;
  await putItems(
    service,
    LEDGER_TABLE,
    Array.from({ length: ROWS_A_PAGE }, (_, i) => crowded(failed, i)),
  );
  await Promise.all(
    Array.from({ length: FILES_A_PAGE }, (_, i) =>
      symlink('nowhere', join(service.folder.inbox, `crowd-${String(i).padStart(4, '0')}`)),
    ),
  );
}

/** A row like another one, that failed for good before it. */
function crowded(item: Item, i: number): Item {
  const number = String(i).padStart(32, '0');
  return {
    ...item,
    run: { S: number },
    key: { S: `crowd-${number}` },
    scene: { S: `inbox/crowd-${number}#v1` },
    versionId: { S: 'v1' },
    changed: { S: `2026-02-28T10:00:00.000Z#${number}` },
    attempt: item['attemptLimit']!,
  };
}

export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** The output of the stack of the example, as the command line reads it. */
function observedParameters(): string {
  const { Value } = templateOf(exampleParameters, 'us-east-1').Outputs['ObservedParameters']!;
  return (Value as { 'Fn::Sub': string })['Fn::Sub'];
}

function keysOf({ KeySchema, GlobalSecondaryIndexes }: TableKeys): TableKeys {
  return { KeySchema, ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes }) };
}

function expect(name: string) {
  return (error: Error) => {
    if (error.name !== name) throw error;
  };
}
