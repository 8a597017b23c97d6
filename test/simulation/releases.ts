import { hash } from 'node:crypto';
import { ObjectNotFound } from '../../core/base/errors.ts';
import { packageKey, promotedKey, promotionKey, promotionsPrefix, publicationKey } from '../../core/base/keys.ts';
import type { Bucket } from '../../core/base/objectStore.ts';
import { makeFollowCandidate } from '../../core/releases/comparison/followCandidate.ts';
import type { Promoted } from '../../core/releases/contract.ts';
import { encodePromoted, livingAs, type Promotion, parsePromoted } from '../../core/releases/models.ts';
import { readPromotions } from '../../core/releases/promotionHistory.ts';
import { type Gate, makePromotions } from '../../core/releases/promotions.ts';
import { parsePublication } from '../../core/releases/publication.ts';
import { publishPackage } from '../../core/releases/publishPackage.ts';
import { makeShadowing } from '../../core/releases/shadowing.ts';
import { type Notice, watchAlias } from '../../core/releases/watchAlias.ts';
import { memoryBucket } from '../benches/memoryBucket.ts';
import { MODEL, packageOf } from './model.ts';
import type { Violation } from './violation.ts';
import type { Worker, World } from './world.ts';

/** What people and a watched alias do to the versions of a model, all at once, and what must be so whatever happens. */

const { name } = MODEL;
/** The alias that is watched. */
const FROM = 'mlflow:simulated@champion';
/** The gate lets no version pass that is named so. */
const WORSE = '1.3.0';
/** What is live when a case begins. */
const FIRST: Promotion = { ...livingAs(MODEL), nth: 1, promotedAt: '2026-03-01T08:00:00.000Z', by: 'the first' };

/** Read beforehand: nothing but simulated calls may take time. */
const ITEMS = new Map(
  await Promise.all(
    ['1.1.0', '1.2.0', WORSE].map(async (version) => [version, await packageOf({ name, version })] as const),
  ),
);

function filesOf(version: string, edition = 0): Map<string, Uint8Array> {
  return new Map(ITEMS.get(version)).set('model.onnx', new Uint8Array([edition]));
}

export type ReleaseStage = {
  publish: (version: string, edition?: number) => void;
  promote: (version: string) => void;
  rollback: () => void;
  shadow: (version: string) => void;
  /** Points the alias to a version. */
  register: (version: string) => void;
  watch: () => void;
};

export function makeReleases(
  world: World,
  broken: (rule: Violation['rule'], what: string) => void,
  patch: (bucket: Bucket) => Bucket = (bucket) => bucket,
) {
  const { call, schedule, models: objects } = world;
  objects.set(promotedKey(name), encodePromoted(FIRST));
  objects.set(promotionKey(name, 1), encodePromoted(FIRST));
  const plain = memoryBucket(objects);
  const people = new Set<Worker>();
  const mails: Notice[] = [];
  const looks: Promise<void>[] = [];
  /** Whatever was live, one after the other, and which versions a rollback goes back to, by none of the code under test. */
  const lived: Promotion[] = [FIRST];
  let stack: string[] = [MODEL.version];
  let registered: { version: string; files: Map<string, Uint8Array> } | undefined;
  let acts = 0;

  const liveNow = () => ({ name, ...parsePromoted('', objects.get(promotedKey(name))!) });

  /** Watches what a write has changed. */
  function onWrite(key: string, before: Uint8Array | undefined, asked: ReadonlySet<string>): void {
    const bytes = objects.get(key)!;
    if (key === promotedKey(name)) {
      const [from, to] = [parsePromoted('', before!), liveNow()];
      lived.push(to);
      const expected = to.isRollback ? stack.slice(1) : [to.version, ...stack];
      if (to.version !== expected[0] || to.before.join() !== expected.slice(1).join() || to.replaced !== stack[0])
        broken(12, `${to.by} made ${JSON.stringify(to)} of what was ${stack.join(' before ')}`);
      if (to.nth !== from.nth + 1) broken(12, `promotion ${to.nth} came after ${from.nth}`);
      if (!to.isRollback && !asked.has(`${to.version} for ${from.nth}`))
        broken(12, `the gate was not asked whether ${to.version} may replace promotion ${from.nth}, ${from.version}`);
      stack = expected;
    }
    if (key.startsWith(promotionsPrefix(name)) && /-0{5}\.json$/.test(key)) {
      const told = parsePromoted(key, bytes);
      if (!lived.some(({ nth, version }) => nth === told.nth && version === told.version))
        broken(12, `the history has ${told.version} as promotion ${told.nth}, which was never live`);
    }
    if (key.startsWith(promotionsPrefix(name)) || key === promotedKey(name)) {
      const there = memoryBucket(new Map(objects));
      const { version, nth } = liveNow();
      looks.push(
        readPromotions(there, name, 50).then((records) => {
          const latest = records.find((record) => !('isRefused' in record));
          if (latest?.version !== version)
            broken(12, `the newest promotion of the history is ${latest?.version}, and ${version} (${nth}) is live`);
        }),
      );
    }
  }

  /** The bucket as somebody reaches it: each request is a call, which may fail. */
  function bucketOf(worker: Worker, asked: ReadonlySet<string>): Bucket {
    const versionOf = (key: string) => (objects.has(key) ? hash('sha256', objects.get(key)!) : null);
    const set = (key: string, bytes: Uint8Array) => {
      const before = objects.get(key);
      objects.set(key, bytes);
      onWrite(key, before, asked);
    };
    const ask = <Value>(port: string, about: string, effect: () => Value | Promise<Value>) =>
      call(worker, `models.${port}`, effect, { about: () => about });
    return patch({
      read: (key) =>
        ask('read', key, () => objects.get(key) ?? Promise.reject(new ObjectNotFound(`${key} does not exist.`))),
      write: (key, bytes) => ask('write', key, () => set(key, bytes)),
      list: (prefix) => ask('list', prefix, () => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort()),
      readVersion: (key) =>
        ask('readVersion', key, () =>
          objects.has(key) ? { bytes: objects.get(key)!, version: versionOf(key)! } : null,
        ),
      replaceVersion: (key, bytes, version) =>
        ask('replace', key, () => {
          // A version of no text stands for whatever is there: a bug that was put in on purpose.
          if (version !== '' && versionOf(key) !== version) return null;
          set(key, bytes);
          return versionOf(key);
        }),
    });
  }

  /** Somebody does something, and is told of its end unless it dies first. */
  function act(role: string, work: (somebody: Somebody) => Promise<void>): void {
    acts += 1;
    const by = `${role} ${acts}`;
    const worker: Worker = {
      role,
      label: by,
      execution: undefined,
      isDead: false,
      timeoutSeconds: 60,
      abort: () => {},
      die: () => {
        worker.isDead = true;
      },
    };
    people.add(worker);
    const asked = new Set<string>();
    const gate: Gate = (candidate, live) =>
      call(worker, 'gate', () => {
        asked.add(`${candidate.version} for ${live.nth}`);
        return { refusals: candidate.version === WORSE ? [{ rule: 'min_agreement', sentence: 'It is worse.' }] : [] };
      });
    const bucket = bucketOf(worker, asked);
    const tryModel = () => call(worker, 'try', () => {});
    const began = lived.length - 1;
    work({ by, bucket, gate, tryModel, worker, began }).then(
      () => people.delete(worker),
      (error: Error) => {
        world.trace?.push(`${by} is told: ${error.name}: ${error.message}`);
        people.delete(worker); // it was not done, or the service is in trouble
      },
    );
  }

  type Somebody = {
    by: string;
    bucket: Bucket;
    gate: Gate;
    tryModel: () => Promise<void>;
    worker: Worker;
    /** The promotion that was live when it began. */
    began: number;
  };

  function onPromoted({ by, began }: Somebody, { version, replaced, wasPromoted }: Promoted): void {
    const since = lived.slice(began);
    const isSo = wasPromoted
      ? since.some((one) => one.version === version)
      : since.some((one) => one.version === version && one.by === by && one.replaced === replaced);
    if (!isSo) broken(12, `${by} was told that ${version} is promoted in the place of ${replaced}, which was never so`);
  }

  function assertPublished(who: string, version: string, digest: string): void {
    const model = { name, version };
    const bytes = objects.get(publicationKey(model));
    const record = bytes && parsePublication(model, bytes);
    if (record?.isWhole !== true || record.digest !== digest)
      broken(
        13,
        `${who} was told that ${version} is published as ${digest}, and its record is ${JSON.stringify(record)}`,
      );
  }

  function onMail(notice: Notice): void {
    mails.push(notice);
    const [, kind, version = ''] = new RegExp(`^(.*?):? ?${name} ([0-9.]+)`).exec(notice.subject) ?? [];
    if (kind === 'Promoted' && !lived.some((one) => one.version === version && one.by === FROM))
      broken(12, `people were told "${notice.subject}", and the alias never promoted it`);
    if (kind === 'A candidate') assertPublished('people', version, /sha256:[0-9a-f]{64}/.exec(notice.text)![0]);
    if (kind?.startsWith('The gate has not let') === true) {
      const isRefused = [...objects].some(
        ([key, bytes]) => key.startsWith(promotionsPrefix(name)) && Buffer.from(bytes).includes('"isRefused":true'),
      );
      if (!isRefused) broken(12, `people were told "${notice.subject}", and the history has no refusal`);
    }
  }

  const stage: ReleaseStage = {
    publish: (version, edition) =>
      act('publish', async ({ by, bucket, tryModel, worker }) => {
        const source = { where: by, readFile: makeReadFile(worker, filesOf(version, edition)) };
        const asked = { bucket, checkModel: tryModel, at: schedule.now(), from: null };
        const { digest } = await publishPackage(source, asked);
        assertPublished(by, version, digest);
      }),
    promote: (version) =>
      act('promote', async (somebody) => {
        const { bucket, gate, tryModel, by } = somebody;
        onPromoted(
          somebody,
          await makePromotions(bucket, name, tryModel, gate).promote(version, schedule.now(), { by }),
        );
      }),
    rollback: () =>
      act('rollback', async (somebody) => {
        const { bucket, tryModel, by } = somebody;
        onPromoted(somebody, await makePromotions(bucket, name, tryModel).rollback(schedule.now(), { by }));
      }),
    shadow: (version) =>
      act('shadow', async ({ bucket, tryModel, by }) => {
        await makeShadowing(bucket, name, tryModel).begin(version, 1, schedule.now(), by);
      }),
    register: (version) => {
      registered = { version, files: filesOf(version) };
    },
    watch: () =>
      act('watch', async ({ bucket, gate, tryModel, worker }) => {
        const follow = {
          modelBucket: bucket,
          tryModel,
          promotionGate: 'min_agreement=0.5',
          now: schedule.now,
          ledger: { byState: async () => ({ rows: [], cursor: undefined }) },
          readResult: () => Promise.reject(new Error('the gate is simulated')),
          openResult: null,
        };
        await watchAlias({
          from: FROM,
          bucket,
          checkModel: tryModel,
          place: {},
          now: schedule.now,
          follow: makeFollowCandidate(follow, FROM, gate),
          open: async () => ({ where: registered!.version, readFile: makeReadFile(worker, registered!.files) }),
          tell: (notice) => call(worker, 'tell', () => onMail(notice), { about: () => notice.subject }),
        });
      }),
  };

  function makeReadFile(worker: Worker, files: ReadonlyMap<string, Uint8Array>) {
    return (file: string) =>
      call(
        worker,
        'registry.read',
        () => files.get(file) ?? Promise.reject(new ObjectNotFound(`${file} is not there.`)),
      );
  }

  world.onCrash(() => {
    for (const worker of people) worker.isDead = true;
  });

  /** What must be so when everything has come to its end, and the alias was looked at once more. */
  async function verify(fail: (rule: Violation['rule'], what: string) => void): Promise<void> {
    await Promise.all(looks.splice(0));
    const live = liveNow();
    const history = await readPromotions(plain, name, 50);
    const [told, wanted] = [
      history.filter((record) => !('isRefused' in record)).map(({ version }) => version),
      lived.map(({ version }) => version).reverse(),
    ];
    if (told.join() !== wanted.join()) fail(12, `the history has ${told.join()}, and live were ${wanted.join()}`);
    if (registered === undefined) return verifyFiles(fail);
    if (live.by === FROM && !mails.some(({ subject }) => subject === `Promoted: ${name} ${live.version}`))
      fail(12, `nobody was told that the alias has promoted ${live.version}`);
    verifyFiles(fail);
  }

  /** A record that is whole has its files, and what is live is whole. */
  function verifyFiles(fail: (rule: Violation['rule'], what: string) => void): void {
    for (const [key, bytes] of objects) {
      const [of, version = '', file] = key.split('/');
      if (of !== name || file !== 'publication.json') continue;
      const record = parsePublication({ name, version }, bytes);
      for (const [one, digest] of Object.entries(record.files)) {
        const found = objects.get(packageKey({ name, version }, one));
        if (record.isWhole && (found === undefined || hash('sha256', found) !== digest))
          fail(13, `${version} is published with another ${one}`);
      }
      if (!record.isWhole && liveNow().version === version) fail(13, `${version} is live, and not whole`);
    }
  }

  return { stage, verify, isWatched: () => registered !== undefined };
}
