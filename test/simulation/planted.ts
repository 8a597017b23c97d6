import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { EmbeddedFunction } from '../../core/base/functions.ts';
import { promotionKey } from '../../core/base/keys.ts';
import { modelId, runId, type SceneRef, sceneId, sceneRefSchema } from '../../core/base/messages.ts';
import { takeItems } from '../../core/feeds/followFeed.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { parsePromoted } from '../../core/releases/models.ts';
import { encode, idOfJob } from '../../functions/infer/container/job.ts';
import { INBOX } from '../../local/buckets/inbox.ts';
import { MODEL } from './model.ts';
import { WHATEVER } from './results.ts';
import type { Patch } from './stateMachine.ts';
import type { Ports } from './steps.ts';

/** Known bugs, each put in on purpose: a search that does not find them would find no others. */

const CLAIM = 'attribute_not_exists(scene) OR';
const FENCE = 'attempt = :ourAttempt AND execution = :ourExecution';
/** The same names and values, and true of whatever holds them. */
const NO_FENCE =
  '(attempt = :ourAttempt OR attempt <> :ourAttempt) AND (execution = :ourExecution OR execution <> :ourExecution)';

type Request = {
  Key?: Record<string, unknown>;
  Item?: Record<string, unknown>;
  ConditionExpression?: string;
  UpdateExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
};

/** A change to requests to the tables, of those that are other then. */
const requests = (changed: (input: Request) => Request | false | undefined): Patch => ({
  request: (input) => changed(input) || input,
});
/** The same request, whose condition holds for every row that is there. */
const ofAnyRow = (input: Request): Request => {
  return { ...input, ConditionExpression: `(${input.ConditionExpression}) OR attribute_exists(scene)` };
};
/** A change to what one function is given. */
const only = (named: EmbeddedFunction, change: (ports: Ports) => Partial<Ports>): Patch => ({
  ports: (ports, name) => (name === named ? { ...ports, ...change(ports) } : ports),
});
/** A change to the ledger of all functions, or of one. */
const ofLedger = (change: (ledger: Ledger) => Partial<Ledger>, named?: EmbeddedFunction): Patch => ({
  ports: (ports, name) =>
    name === (named ?? name) ? { ...ports, ledger: { ...ports.ledger, ...change(ports.ledger) } } : ports,
});

/** A claim is let in whoever holds the run. */
export const conditionSkipped = requests((input) => {
  const { ConditionExpression: condition, ExpressionAttributeValues: values } = input;
  return condition?.startsWith(CLAIM) === true && values?.[':claimed'] === 'CLAIMED' && ofAnyRow(input);
});

/** A message of predictions counts in each object that has it. */
export const countedInEach = requests((input) => {
  const isAnswered = String(input.Item?.['scene']).startsWith('answered#');
  return isAnswered && input.ConditionExpression !== undefined && ofAnyRow(input);
});

/** What lies under a key of stored answers is read as one, in whatever bucket. */
export const madeUpIsRead = only('preprocess', () => ({ resultsBucket: INBOX }));

/** The ledger says that the parts are there, and then they are written. */
export const ledgerFirst = only('preprocess', ({ writeResult, ledger }) => {
  const held: Parameters<typeof writeResult>[] = [];
  const advance: typeof ledger.advance = async (...change) => {
    const row = await ledger.advance(...change);
    for (const write of held.splice(0)) await writeResult(...write);
    return row;
  };
  return { writeResult: async (...write) => void held.push(write), ledger: { ...ledger, advance } };
});

/** Whoever held a run once may write to it for ever. */
export const noFencing = requests((input) => {
  const condition = input.ConditionExpression;
  return condition?.includes(FENCE) && { ...input, ConditionExpression: condition.replace(FENCE, NO_FENCE) };
});

/** The end of a bulk file's run is written over whatever is there. */
export const batchEndSkipsCondition = requests((input) => {
  const { ConditionExpression, Item } = input;
  const isEnd = Item?.['batch'] !== undefined && Item['state'] !== undefined && ConditionExpression !== undefined;
  return isEnd && ofAnyRow(input);
});

/** A batch's predictions are written over whatever has been written since they were read, and stay there. */
export const batchFileUnfenced: Patch = {
  ports: (those) => {
    const ports = neverPutBack(those);
    return { ...ports, replaceVersion: (key, bytes) => ports.replaceVersion(key, bytes, WHATEVER) };
  },
};

/** What a worker of a batch has written that was late stays, where nothing was there before. */
function neverPutBack(ports: Ports): Ports {
  const ofBatches = new Set<string>();
  return {
    ...ports,
    replaceVersion: (key, bytes, version) => {
      if (isOfBatch(bytes)) ofBatches.add(key);
      return ports.replaceVersion(key, bytes, version);
    },
    removeVersion: async (version) => {
      if (!ofBatches.has(version.key)) await ports.removeVersion(version);
    },
  };
}

/** A content passes to another run, and what names the one before goes on naming that. */
export const duplicatesNotRenamed = requests((input) => {
  const never = `${input.ConditionExpression} AND attribute_not_exists(scene)`;
  const isRename = input.UpdateExpression?.startsWith('SET duplicateOf = :owner, ownerTerm');
  return isRename && { ...input, ConditionExpression: never };
});

/** What a run that fails has predicted stays where readers find it. */
export const predictionsLeft: Patch = { ports: (ports) => ({ ...ports, removeVersion: async () => {} }) };

/** Whoever comes second forgets that a run without a row may be a batch's, and takes its bytes. */
export const openBatchForgotten = requests((input) => {
  const isLook = input.Key?.['scene'] === 'sweep#batches' && 'ConsistentRead' in input;
  return isLook && { ...input, Key: { ...input.Key, model: 'no batch' } };
});

/** An attempt that is granted is no change, so no sweep sees it whose look back does not reach the failure. */
export const grantUnseen = requests(
  ({ UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues, ...rest }) => {
    const { '#changed': _changed, '#countedDay': _place, ...names } = ExpressionAttributeNames ?? {};
    const { ':changed': _time, ':countedDay': _day, ...values } = ExpressionAttributeValues ?? {};
    const update = 'SET #attemptLimit = :attemptLimit';
    const isGrant = UpdateExpression === `${update}, #countedDay = :countedDay, #changed = :changed`;
    const changed = { ExpressionAttributeNames: names, ExpressionAttributeValues: values };
    return isGrant && { ...rest, UpdateExpression: update, ...changed };
  },
);

/** The sweep takes a file that one model knows for one that all of them know: what the first step has not started stays away. */
export const othersForgotten = only('discover', ({ models }) => {
  const serving: typeof models.serving = async () => {
    const { live, waiting } = await models.serving();
    return { live: live.slice(0, 1), waiting };
  };
  return { models: { ...models, serving } };
});

/** A run that was done before its step died is settled as if it had failed. */
export const doneIsSettled = ofLedger((ledger) => {
  const failed = (row: LedgerRow): LedgerRow => (row.state === 'DONE' ? { ...row, state: 'FAILED' } : row);
  return { ofScene: async (scene) => (await ledger.ofScene(scene)).map(failed) };
}, 'settle');

/** The sweep that finds a last attempt lost does not pass on, and leaves that to those that see its failure. */
export const lossNotPassedOn = ofLedger((ledger) => {
  const lost = new Set<string>();
  return {
    fail: async (row, ...how) => {
      const failed = await ledger.fail(row, ...how);
      lost.add(row.run);
      return failed;
    },
    waitingDuplicatesOf: async function* (owner) {
      if (!lost.delete(owner)) yield* ledger.waitingDuplicatesOf(owner);
    },
  };
}, 'discover');

/** A batch's predictions are not written where they are what was read: a write that is on its way still finds that, and stays. */
export const sameFileNotWritten: Patch = {
  ports: (those) => {
    const ports = neverPutBack(those);
    const read = new Map<string, string>();
    return {
      ...ports,
      readVersion: async (key) => {
        const found = await ports.readVersion(key);
        read.set(key, await chipsIn(found?.bytes));
        return found;
      },
      replaceVersion: async (key, bytes, version) => {
        const isSame = isOfBatch(bytes) && read.get(key) === (await chipsIn(bytes));
        return isSame ? (version ?? 'none') : ports.replaceVersion(key, bytes, version);
      },
    };
  },
};

/** A batch tells two writes of the same predictions apart, by their number in the file. */
function isOfBatch(bytes: Uint8Array): boolean {
  const { key_value_metadata: words = [] } = parquetMetadata(bytes.slice().buffer);
  return words.some(({ key, value }) => key === 'swath:write' && /#\d+-\d+$/.test(value ?? ''));
}

async function chipsIn(bytes: Uint8Array | undefined): Promise<string> {
  if (bytes === undefined) return '';
  const rows = await parquetReadObjects({ file: bytes.slice().buffer, columns: ['chip_id'] });
  return rows.map(({ chip_id }) => String(chip_id)).join();
}

/** A batch takes what has failed in it for what has failed in one before. */
export const triedAgainInBatch = ofLedger((ledger) => ({
  rowsOf: async (...asked) => {
    const rows = await ledger.rowsOf(...asked);
    const long = { changed: new Date(0).toISOString(), execution: 'a former one' };
    for (const row of rows.values()) if (row.state === 'FAILED') Object.assign(row, long);
    return rows;
  },
}));

/** A watermark is believed however late it is. */
export const watermarkBelieved = ofLedger(({ sweptUntil }) => ({
  sweptUntil: () => sweptUntil(new Date('2900-01-01')),
}));

/** A sweep takes every lease for one that holds until its end, however long that is. */
export const leaseBelieved = only('discover', () => ({ leaseSeconds: 1e9 }));

/** Collect is done with its messages before the manifest is written, and what they ask for is started. */
export const doneBeforeManifest = only('collect', ({ writeResult, executions }) => {
  const held: Parameters<typeof writeResult>[] = [];
  const start: typeof executions.start = async (...asked) => {
    const later = async () => {
      for (const write of held.splice(0)) await writeResult(...write);
      await executions.start(...asked);
    };
    later().catch(() => {});
    return 'started';
  };
  return { writeResult: async (...write) => void held.push(write), executions: { ...executions, start } };
});

/** A request is answered without a look at whether its runs have ended. */
export const answeredEarly = ofLedger((ledger) => {
  const rowsOf: typeof ledger.rowsOf = async (scenes, model) => {
    const rows = await ledger.rowsOf(scenes, model);
    const asEnded = (scene: SceneRef) =>
      ({ ...rows.get(sceneId(scene)), scene, model, run: runId(scene, model), state: 'EMPTY' }) as LedgerRow;
    return new Map(scenes.map((scene) => [sceneId(scene), asEnded(scene)]));
  };
  return { rowsOf };
}, 'collect');

/** What a request asks for is started, and nothing says so before. */
export const notAnnounced = ofLedger(() => ({ announceBatch: async () => {} }));

/** A shadow's failure is written as that of the run that it shadows. */
export const shadowFailsRun = requests(({ Item, ...input }) => {
  if (Item?.['state'] !== 'SHADOW FAILED') return;
  const scene = sceneRefSchema.parse(Item);
  const live = { scene: sceneId(scene), model: modelId(MODEL), run: runId(scene, MODEL), state: 'FAILED' };
  const { ConditionExpression: _, ExpressionAttributeNames: __, ExpressionAttributeValues: ___, ...rest } = input;
  return { ...rest, Item: { ...Item, ...live } };
});

/** A shadow's run is written as one that counts. */
export const shadowCounts = requests(({ Item, ...input }) => {
  if (Item?.['state'] !== 'SHADOW DONE') return;
  const scene = String(Item['scene']).replace('shadow#', '');
  return { ...input, Item: { ...Item, scene, state: 'DONE', countedDay: Item['day'] } };
});

/** What is true of a run's chips counts, and its day is not due for that. */
export const truthUnmarked = ofLedger(({ markDue }) => ({
  markDue: async (mark) => {
    if (mark.mark !== 'truth') await markDue(mark);
  },
}));

/** Who says what is true writes over whatever others have said meanwhile. */
export const truthUnfenced: Patch = {
  ports: (ports) => ({
    ...ports,
    objects: {
      ...ports.objects,
      replaceVersion: (key, bytes, version) =>
        ports.objects.replaceVersion(key, bytes, key.startsWith('truth/') ? WHATEVER : version),
    },
  }),
};

/** Predictions are written where SQL looks for none. */
export const partitionForgotten = only('infer', () => ({ registerPartition: async () => {} }));

/** What is promoted is written over whatever others have promoted meanwhile. */
export const promotedUnfenced: Patch = {
  bucket: (bucket) => ({
    ...bucket,
    replaceVersion: (key, bytes, version) =>
      bucket.replaceVersion(key, bytes, key.endsWith('/promoted.json') ? '' : version),
  }),
};

/** The history has a promotion before it takes effect. */
export const historyFirst: Patch = {
  bucket: (bucket) => ({
    ...bucket,
    replaceVersion: async (key, bytes, version) => {
      const [name = '', file] = key.split('/');
      if (file === 'promoted.json') await bucket.write(promotionKey(name, parsePromoted(key, bytes).nth), bytes);
      return bucket.replaceVersion(key, bytes, version);
    },
  }),
};

/** Nothing of what follows from a promotion is done by whoever comes after a writer that died. */
export const historyForgotten: Patch = {
  bucket: (bucket) => ({
    ...bucket,
    write: async (key, bytes) => {
      if (!key.startsWith('_promotions/')) await bucket.write(key, bytes);
    },
  }),
};

/** The outcome of a job is taken whichever attempt's it is, by the id of what it worked on. */
export const formerOutcomeTaken: Patch = {
  ports: (ports) => ({
    ...ports,
    readVersion: async (key) => {
      const found = await ports.readVersion(key);
      if (found !== null || !key.endsWith('.outcome.json')) return found;
      const name = key.slice(key.lastIndexOf('/'));
      const former = (await ports.listVersions('jobs/')).find((one) => one.key.endsWith(name));
      const message = await ports.readResult(key.replace('.outcome', '')).catch(() => undefined);
      if (former === undefined || message === undefined) return null;
      const outcome = JSON.parse(new TextDecoder().decode(await ports.readResult(former.key)));
      return { ...former, bytes: encode({ ...outcome, job: idOfJob(message) }) };
    },
  }),
};

/** A look searches from the last one on, by the times at which Items were acquired. */
export const watermarkOfTime: Patch = {
  feed: { look: (feed, last, ports) => takeItems(feed, [last, ports.now()], ports) },
};

/** A revision of an Item is taken for the Item that is there. */
export const revisionTakenForSame: Patch = { feed: { seen: ({ updated: _, ...item }) => item } };

/** An Item is written whether it is there or not: each look takes what the one before it took. */
export const takenUnseen: Patch = {
  feed: {
    look: (feed, _last, ports) =>
      takeItems(feed, [new Date(feed.since), ports.now()], {
        ...ports,
        inbox: {
          list: async () => [],
          replaceVersion: (key, bytes, version) =>
            ports.inbox.replaceVersion(key.replace('.stac', `-${ports.now().getTime()}.stac`), bytes, version),
        },
      }),
  },
};

/** The sweep takes a batch for lost whose lease is over, while its execution waits for its job. */
export const waitingTakenForLost: Patch = {
  ports: (ports) => ({ ...ports, executions: { ...ports.executions, describe: async () => ({ status: 'UNKNOWN' }) } }),
};
