import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { forEach } from '../core/base/concurrency/forEach.ts';
import { predictionsKey } from '../core/base/keys.ts';
import { type ModelRef, modelId, runId, type SceneRef, sceneId } from '../core/base/messages.ts';
import type { FakeAws } from '../test/packaged/fakeAws.ts';
import type { Item } from './capacityUnits.ts';
import { MODEL, sha256 } from './memoryPorts.ts';

/** BatchWriteItem takes so many. */
const BATCH = 25;
const BATCHES_AT_ONCE = 4;

/** What a file that is done leaves in the tables: its run, who owns its bytes, and its numbers, where no batch has them. */
export type Rows = { run: Item; digest: Item; numbers?: Item };
type Tables = { ledger: string; metrics: string };

/** The rows that a run has left behind, as the functions have written them. */
export async function rowsOf(
  tables: DynamoDBDocument,
  { ledger, metrics }: Tables,
  scene: SceneRef,
  model: ModelRef,
): Promise<Rows> {
  const ofLedger = await ledgerRowsOf(tables, ledger, scene, model);
  const Key = { model: modelId(model), window: `run#${ofLedger.run['run']}` };
  return { ...ofLedger, numbers: await rowIn(tables, metrics, Key) };
}

/** Those of the ledger alone, which is all that a file in bulk has. */
export async function ledgerRowsOf(tables: DynamoDBDocument, ledger: string, scene: SceneRef, model: ModelRef) {
  const run = await rowIn(tables, ledger, { scene: sceneId(scene), model: modelId(model) });
  const digest = await rowIn(tables, ledger, { scene: `digest#${run['digest']}`, model: modelId(model) });
  return { run, digest };
}

async function rowIn(tables: DynamoDBDocument, TableName: string, Key: Record<string, string>): Promise<Item> {
  const { Item } = await tables.get({ TableName, Key, ConsistentRead: true });
  if (Item === undefined) throw new Error(`${TableName} has no row ${JSON.stringify(Key)}.`);
  return Item;
}

/**
 * Puts the rows of `count` further files into the tables, as copies of those of one that went through the functions: only
 * what tells files apart is another, and when each came. To write them by the functions would take an hour, and leave the
 * same rows. Answers the scenes.
 */
export async function fillLedger(
  tables: DynamoDBDocument,
  { ledger, metrics }: Tables,
  rows: Rows,
  { first, count, when }: { first: number; count: number; when: (file: number) => Date },
): Promise<SceneRef[]> {
  const scenes = Array.from({ length: count }, (_, i) => sceneOf(rows, first + i));
  const copies = scenes.map((scene, i) => copyOf(rows, scene, when(first + i)));
  const batches: [string, Item[]][] = [];
  for (let from = 0; from < count; from += BATCH) {
    const some = copies.slice(from, from + BATCH);
    batches.push([ledger, some.map(({ run }) => run)]);
    batches.push([ledger, some.map(({ digest }) => digest)]);
    if (rows.numbers !== undefined) batches.push([metrics, some.map(({ numbers }) => numbers!)]);
  }
  await forEach(batches, BATCHES_AT_ONCE, async ([table, items]) => {
    await tables.batchWrite({ RequestItems: { [table]: items.map((Item) => ({ PutRequest: { Item } })) } });
  });
  return scenes;
}

type Stage = { tables: DynamoDBDocument; names: Tables; aws: Pick<FakeAws, 'objects'>; results: string };

/**
 * Puts further files into a stage as if they had gone through it: their rows, the files themselves and their predictions,
 * which share the bytes of those of one that has. Answers their scenes.
 */
export async function fillStage(
  { tables, names, aws: { objects }, results }: Stage,
  like: { scene: SceneRef; rows: Rows },
  files: { first: number; count: number; when: (file: number) => Date },
): Promise<SceneRef[]> {
  const inbox = objects.get(like.scene.bucket)!;
  const predictions = objects.get(results)!;
  const { bytes } = inbox.get(`${like.scene.key}#${like.scene.versionId}`)!;
  const [, parquet] = [...predictions].find(([key]) => key.endsWith('.parquet'))!;
  const scenes = await fillLedger(tables, names, like.rows, files);
  for (const [i, scene] of scenes.entries()) {
    const modified = files.when(files.first + i);
    const run = { id: runId(scene, MODEL), model: MODEL, day: modified.toISOString().slice(0, 10) };
    inbox.set(`${scene.key}#${scene.versionId}`, { bytes, modified });
    predictions.set(predictionsKey(run, 0), { bytes: parquet.bytes, modified });
  }
  return scenes;
}

function sceneOf({ run }: Rows, file: number): SceneRef {
  const key = `filled/${String(file).padStart(7, '0')}`;
  return { bucket: String(run['bucket']), key, versionId: String(run['versionId']) };
}

/** The rows as they were, had this file come at that time. */
function copyOf({ run, digest, numbers }: Rows, scene: SceneRef, at: Date): Rows {
  const model = String(run['model']);
  const slash = model.indexOf('/');
  const id = runId(scene, { name: model.slice(0, slash), version: model.slice(slash + 1) });
  const content = sha256(scene.key);
  const day = at.toISOString().slice(0, 10);
  const time = at.toISOString();
  const own = { scene: sceneId(scene), key: scene.key, versionId: scene.versionId, run: id, digest: content };
  const times = { changed: `${time}#${id}`, claimedAt: time, preparedAt: time, day, countedDay: day };
  return {
    run: { ...run, ...own, ...times },
    digest: { ...digest, scene: `digest#${content}`, owner: id, ownerScene: scene },
    ...(numbers && { numbers: { ...numbers, window: `run#${id}` } }),
  };
}
