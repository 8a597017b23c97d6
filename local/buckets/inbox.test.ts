import assert from 'node:assert/strict';
import crypto, { hash } from 'node:crypto';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ObjectNotFound, TransientTrouble } from '../../core/base/errors.ts';
import type { SceneRef } from '../../core/base/messages.ts';
import { listScenesOf, openInbox } from './inbox.ts';
import { isSceneKey } from './inboxKey.ts';
import { openSceneIn, readRangeIn } from './sceneFiles.ts';
import { STILL_MILLISECONDS } from './still.ts';

const root = fs.mkdtempSync(join(tmpdir(), 'swath-inbox-'));
after(() => fs.rmSync(root, { recursive: true }));

/** Ways in which programs put other bytes of the same size and time in a file's place. */
const WAYS_TO_REPLACE: [how: string, replace: (path: string, content: string) => void][] = [
  ['written into it, as by cp -p', writeOver],
  ['made in its place, as by tar x', (path, content) => [fs.rmSync(path), writeOver(path, content)]],
  [
    'renamed over it, as by rsync -t',
    (path, content) => [writeOver(`${path}.part`, content), fs.renameSync(`${path}.part`, path)],
  ],
];

let folder: string;
let versions: string;
let inbox: ReturnType<typeof openInbox>;
describe('an inbox', () => {
  beforeEach(() => {
    const home = fs.mkdtempSync(join(root, 'stack-'));
    folder = join(home, 'inbox');
    versions = join(home, 'versions.jsonl');
    fs.mkdirSync(folder);
    inbox = openInbox(folder, versions);
  });

  describe('a file that is sent', () => {
    test('brings along its companions', async () => {
      const from = fs.mkdtempSync(join(root, 'beside-'));
      for (const name of ['a.png', 'a.png.aux.xml', 'a.pgw', 'b.pgw']) fs.writeFileSync(join(from, name), name);
      fs.mkdirSync(join(from, 'a.wld'));
      const { key } = await inbox.send(join(from, 'a.png'));
      assert.deepEqual(fs.readdirSync(dirname(join(folder, key))).sort(), ['a.pgw', 'a.png', 'a.png.aux.xml']);
      assert.deepEqual(await inbox.keys(), [key]);
    });

    test('again, from another folder, is the scene that it was', async () => {
      const scene = await inbox.send(fileOf('first'));
      assert.deepEqual(scene, versionOf('first', `${sha256('first').slice(0, 12)}/file`));
      assert.deepEqual(await inbox.send(fileOf('first')), scene);
      assert.equal(await contentOf(scene), 'first');
    });

    test('under a name that another file has too stays apart from it', async () => {
      const first = await inbox.send(fileOf('first'));
      const second = await inbox.send(fileOf('second'));
      assert.notEqual(first.key, second.key);
      assert.deepEqual([await contentOf(first), await contentOf(second)], ['first', 'second']);
    });
  });

  describe('a file that is put in', () => {
    test('is stored under its key, whole, and its version is the digest of its content', async () => {
      const scene = await inbox.put(fileOf('first'), 'north/a');
      assert.deepEqual(scene, versionOf('first', 'north/a'));
      assert.deepEqual(filesIn(folder), ['north/a']);
      assert.equal(await contentOf(scene), 'first');
      assert.deepEqual(await inbox.look('north/a'), { scene, isNew: false }, 'so the watcher does not start it again');
    });

    test('again with the same bytes is the same scene, and the file is not touched', async () => {
      const scene = await inbox.put(fileOf('first'), 'a');
      const before = fs.statSync(join(folder, 'a'), { bigint: true });
      assert.deepEqual(await inbox.put(fileOf('first'), 'a'), scene);
      assert.deepEqual(fs.statSync(join(folder, 'a'), { bigint: true }), before);
      assert.deepEqual(filesIn(folder), ['a']);
    });

    test('with new bytes is a new scene, and the former one can still be read', async () => {
      const first = await inbox.put(fileOf('first'), 'a');
      const second = await inbox.put(fileOf('second'), 'a');
      assert.notEqual(first.versionId, second.versionId);
      assert.deepEqual([await contentOf(first), await contentOf(second)], ['first', 'second']);
      assert.deepEqual(await inbox.keys(), ['a']);
      assert.deepEqual(await inbox.put(fileOf('first'), 'a'), first, 'and may come back');
      assert.deepEqual([await contentOf(first), await contentOf(second)], ['first', 'second']);
    });

    test('keeps a file that was dropped there and not looked at yet', async () => {
      drop('a', 'dropped');
      await inbox.put(fileOf('ours'), 'a');
      assert.equal(await contentOf(versionOf('dropped')), 'dropped');
    });

    test('may be read-only', async () => {
      const source = fileOf('read only');
      fs.chmodSync(source, 0o444);
      await inbox.put(source, 'a');
      assert.equal(fs.statSync(join(folder, 'a')).mode & 0o200, 0o200, 'else syncing its copy fails');
    });

    test('that is not there leaves nothing behind', async () => {
      await assert.rejects(inbox.put(join(root, 'absent'), 'a'), { code: 'ENOENT' });
      fs.mkdirSync(join(folder, 'taken'));
      await assert.rejects(inbox.put(fileOf('x'), 'taken'));
      assert.deepEqual(filesIn(folder), []);
    });
  });

  describe('a look at a file', () => {
    test('finds a dropped file, as new once', async () => {
      drop('a', 'first');
      const scene = versionOf('first');
      assert.deepEqual(await inbox.look('a'), { scene, isNew: true });
      assert.deepEqual(await inbox.look('a'), { scene, isNew: false });
      drop('a', 'second');
      assert.deepEqual(await inbox.look('a'), { scene: versionOf('second'), isNew: true });
    });

    for (const [what, happens] of [
      ['a new time', (path) => fs.utimesSync(path, 1e9, 1e9)],
      ['other rights', (path) => fs.chmodSync(path, 0o600)],
      ['another link to it', (path) => fs.linkSync(path, join(root, crypto.randomUUID()))],
      ['another name in between', (path) => [fs.renameSync(path, `${path}.part`), fs.renameSync(`${path}.part`, path)]],
    ] as [string, (path: string) => void][])
      test(`is not taken in by ${what}`, async () => {
        drop('a', 'first');
        await inbox.look('a');
        happens(join(folder, 'a'));
        assert.equal((await inbox.look('a'))?.isNew, false);
      });

    for (const [how, replace] of WAYS_TO_REPLACE)
      test(`finds other bytes of the same size and time, ${how}: at once, and after a restart`, async () => {
        for (const key of ['a', 'b']) {
          drop(key, 'first');
          settle(key);
          await inbox.look(key);
        }
        await pause(20); // file systems' clocks tick every few milliseconds
        for (const key of ['a', 'b']) {
          const { size, mtimeMs } = fs.statSync(join(folder, key));
          replace(join(folder, key), 'FIRST');
          assert.partialDeepStrictEqual(fs.statSync(join(folder, key)), { size, mtimeMs });
        }
        assert.deepEqual(await inbox.look('a'), { scene: versionOf('FIRST'), isNew: true });
        assert.deepEqual(await openInbox(folder, versions).look('b'), { scene: versionOf('FIRST', 'b'), isNew: true });
      });

    test('reads an unchanged file only if asked to look anew', async () => {
      const [first, other] = [versionOf('first'), versionOf('other')];
      drop('a', 'first');
      await inbox.look('a');
      // As if another content had given way to this one without a trace, on a file system that keeps none.
      fs.writeFileSync(versions, fs.readFileSync(versions, 'utf8').replace(sha256('first'), sha256('other')));
      const again = openInbox(folder, versions);
      assert.deepEqual(await again.look('a'), { scene: other, isNew: false });
      assert.deepEqual(await again.look('a', { anew: true }), { scene: first, isNew: true });
      assert.deepEqual(await again.look('a'), { scene: first, isNew: false });
      assert.deepEqual(await openInbox(folder, versions).look('a'), { scene: first, isNew: false });
      const lines = fs.readFileSync(versions, 'utf8');
      assert.deepEqual(await again.look('a', { anew: true }), { scene: first, isNew: false });
      assert.equal(fs.readFileSync(versions, 'utf8'), lines, 'there is nothing more to remember');
    });

    test('remembers a file that is older than 1970', async () => {
      drop('a', 'first');
      fs.utimesSync(join(folder, 'a'), new Date('1960-01-01'), new Date('1960-01-01'));
      await inbox.look('a');
      assert.equal(await openInbox(folder, versions).knownVersion('a'), sha256('first'));
    });

    test('finds no scene in a folder, a hidden file or nothing', async () => {
      fs.mkdirSync(join(folder, 'north'));
      drop('.hidden', 'x');
      for (const key of ['north', '.hidden', 'absent', '../versions.jsonl'])
        assert.equal(await inbox.look(key), undefined);
    });

    test('remembers known files after a restart', async () => {
      const scene = await inbox.put(fileOf('first'), 'north/"a"\n');
      drop('b', 'dropped');
      await inbox.look('b');
      drop('c', 'while nothing ran');
      const again = openInbox(folder, versions);
      assert.deepEqual(await again.look('north/"a"\n'), { scene, isNew: false });
      assert.deepEqual([(await again.look('b'))?.isNew, (await again.look('c'))?.isNew], [false, true]);
    });

    test('after a power failure reads the file of the cut-off line again', async () => {
      for (const key of ['a', 'b']) await inbox.put(fileOf(key), key);
      const lines = fs.readFileSync(versions, 'utf8');
      fs.writeFileSync(versions, lines.slice(0, -20));
      const again = openInbox(folder, versions);
      assert.deepEqual([(await again.look('a'))?.isNew, (await again.look('b'))?.isNew], [false, true]);
      const third = openInbox(folder, versions);
      assert.equal((await third.look('b'))?.isNew, false, 'and the cut-off line is not in the way of the next one');
    });
  });

  test('the list of versions does not grow with every start: former versions are removed', async () => {
    const line = (sha256: string) => `${JSON.stringify(['a', sha256.repeat(64), '1-2-3-4'])}\n`;
    fs.writeFileSync(versions, line('1').repeat(50) + line('2') + line('3').repeat(50));
    openInbox(folder, versions);
    assert.equal(fs.readFileSync(versions, 'utf8'), line('3'));
  });

  describe('a file that has grown is told of, with its former version,', () => {
    let told: [former: SceneRef, grown: SceneRef][];
    const tellingInbox = (onGrown = async (...both: [SceneRef, SceneRef]) => void told.push(both)) =>
      openInbox(folder, versions, undefined, undefined, onGrown);
    beforeEach(() => {
      told = [];
    });

    test('when it is looked at, also after a restart, and once', async () => {
      drop('a', 'one');
      await tellingInbox().look('a');
      drop('a', 'one, two');
      const second = tellingInbox();
      assert.equal((await second.look('a'))?.isNew, true);
      await second.look('a');
      assert.deepEqual(told, [[versionOf('one'), versionOf('one, two')]]);
    });

    test('when it is copied in over it', async () => {
      const telling = tellingInbox();
      for (const content of ['one', 'one, two', 'one, two, three', 'another', 'one'])
        await telling.put(fileOf(content), 'a');
      assert.deepEqual(told, [
        [versionOf('one'), versionOf('one, two')],
        [versionOf('one, two'), versionOf('one, two, three')],
      ]);
    });

    test('again with the next look, where that has failed: until then it is not known', async () => {
      drop('a', 'one');
      await inbox.look('a');
      drop('a', 'one, two');
      const failing = tellingInbox(() => Promise.reject(new TransientTrouble('a batch has it')));
      await assert.rejects(failing.look('a'), TransientTrouble);
      assert.equal((await tellingInbox().look('a'))?.isNew, true);
      assert.equal(told.length, 1);
    });

    test('but not where it begins otherwise, or is as long', async () => {
      const telling = tellingInbox();
      for (const content of ['one', 'two', 'three', 'thr']) {
        drop('a', content);
        await telling.look('a');
      }
      assert.deepEqual(told, []);
    });
  });

  describe('the list of scenes', () => {
    beforeEach(() => mock.timers.enable({ apis: ['Date'], now: Date.now() + 2 * STILL_MILLISECONDS })); // they stand still
    afterEach(() => mock.timers.reset());
    const listed = async (list = listScenesOf(inbox, assert.fail)) => (await list(null)).scenes.map(({ key }) => key);

    test('comes page by page, in the order of keys, each key once, whatever comes or goes in between', async () => {
      let keys = Array.from({ length: 2500 }, (_, i) => `${1000 + i}`);
      const look = async (key: string) => ({ scene: versionOf(key, key), isNew: true });
      const list = listScenesOf({ ...inbox, look, keys: async () => keys }, assert.fail);
      const first = await list(null);
      keys = ['0', ...keys.filter((key) => key !== '1999'), '9999'];
      const second = await list(first.cursor);
      const third = await list(second.cursor);
      const pages = [first, second, third].map(({ scenes }) => [scenes[0]?.key, scenes.at(-1)?.key, scenes.length]);
      assert.deepEqual(pages, [
        ['1000', '1999', 1000],
        ['2000', '2999', 1000],
        ['3000', '9999', 501],
      ]);
      assert.equal(third.cursor, null);
      keys = keys.slice(0, 1000);
      assert.equal((await list(null)).cursor, null, 'nor is there a page after one that is just full');
    });

    test('ends a page when its time is over, with one file at least', async () => {
      for (const key of ['a', 'b', 'c']) drop(key, key);
      const list = listScenesOf(inbox, assert.fail, undefined, 0);
      const pages: string[][] = [];
      let cursor: string | null = null;
      do {
        const page = await list(cursor);
        pages.push(page.scenes.map(({ key }) => key));
        cursor = page.cursor;
      } while (cursor !== null);
      assert.deepEqual(pages, [['a'], ['b'], ['c']]);
    });

    test('shows known files or, if asked to look anew, existing ones', async () => {
      drop('a', 'first');
      await inbox.look('a');
      fs.writeFileSync(versions, fs.readFileSync(versions, 'utf8').replace(sha256('first'), sha256('other')));
      const list = listScenesOf(openInbox(folder, versions), assert.fail);
      const versionsOf = async (range = {}) => (await list(null, range)).scenes.map(({ versionId }) => versionId);
      assert.deepEqual(await versionsOf(), [sha256('other')]);
      assert.deepEqual(await versionsOf({ anew: true }), [sha256('first')]);
    });

    test('is in the order of keys, which differs from that of folders', async () => {
      for (const key of ['b', 'a/c', 'a.x', 'B']) drop(key, key);
      const { scenes } = await listScenesOf(inbox, assert.fail)(null);
      const found = scenes.map(({ key, versionId }) => [key, versionId]);
      assert.deepEqual(
        found,
        ['B', 'a.x', 'a/c', 'b'].map((key) => [key, sha256(key)]),
      );
    });

    test('leaves out a new file that is open for writing, and not one that is known', {
      skip: process.platform !== 'linux',
    }, async () => {
      for (const key of ['known', 'new']) drop(key, key);
      await inbox.look('known');
      const open = ['known', 'new'].map((key) => fs.openSync(join(folder, key), 'a'));
      assert.deepEqual(await listed(), ['known']);
      for (const file of open) fs.closeSync(file);
      assert.deepEqual(await listed(), ['known', 'new']);
    });

    test('leaves out former versions and files that are no scenes', async () => {
      await inbox.put(fileOf('first'), 'a');
      await inbox.put(fileOf('second'), 'a');
      for (const key of ['.DS_Store', 'b.part', 'c.tmp', 'd~', '.git/config', 'e/.f/g']) drop(key, 'x');
      const { scenes, cursor } = await listScenesOf(inbox, assert.fail)(null);
      assert.deepEqual([scenes.map(({ key }) => key), cursor], [['a'], null]);
    });

    test('leaves out what changed a moment ago, unless it was put in', async () => {
      mock.timers.reset();
      drop('copied in', 'half of it');
      await inbox.put(fileOf('all of it'), 'put in');
      const list = listScenesOf(inbox, assert.fail);
      assert.deepEqual(await listed(list), ['put in']);
      mock.timers.enable({ apis: ['Date'], now: Date.now() + 2 * STILL_MILLISECONDS });
      assert.deepEqual(await listed(list), ['copied in', 'put in']);
    });

    test("has the time of arrival by the caller's clock, and not the file's age", async () => {
      drop('a', 'content');
      const path = join(folder, 'a');
      fs.utimesSync(path, new Date('2001-01-01'), new Date('2001-01-01'));
      const cameHere = fs.statSync(path).ctime;
      const toOwn = (time: Date) => new Date(time.getTime() - 86_400_000);
      const [scene] = (await listScenesOf(inbox, assert.fail, { toOwn })(null)).scenes;
      assert.equal(scene!.lastModified, toOwn(cameHere).toISOString());
    });

    test('marks each new file once', async () => {
      drop('a', 'content');
      const news = async () => (await listScenesOf(inbox, assert.fail)(null)).scenes.map(({ isNew }) => isNew);
      assert.deepEqual(await news(), [true]);
      assert.deepEqual(await news(), [undefined]);
    });

    test('says of none that it came later than now, where the clock was ahead when it did', async () => {
      const scene = await inbox.put(fileOf('content'), 'a');
      const now = Date.now() - 30 * 86_400_000;
      mock.timers.setTime(now);
      const { scenes } = await listScenesOf(inbox, assert.fail)(null);
      assert.equal(scenes[0]?.lastModified, new Date(now).toISOString());
      const opened = await openSceneIn(folder)(scene);
      assert.equal(opened.lastModified.getTime(), now);
      opened.close();
    });

    test('does not hide the others behind a file that cannot be looked at', async () => {
      for (const key of ['a', 'b', 'c']) drop(key, key);
      const look = async (key: string) => (key === 'b' ? Promise.reject(new Error('EACCES')) : inbox.look(key));
      const trouble: string[] = [];
      const list = listScenesOf({ ...inbox, look }, (key, error) => trouble.push(`${key}: ${error.message}`));
      assert.deepEqual(await listed(list), ['a', 'c']);
      assert.deepEqual(trouble, ['b: EACCES']);
    });
  });

  /** Where Linux shows a process's open files. */
  const DESCRIPTORS = '/proc/self/fd';
  const hasDescriptors = fs.existsSync(DESCRIPTORS);

  describe('a file that is opened', () => {
    test('says how large it is, and when it arrived, which is not how old it is', async () => {
      drop('a', 'first');
      fs.utimesSync(join(folder, 'a'), 1e9, 1e9); // 2001
      const opened = await openSceneIn(folder)(versionOf('first'));
      assert.equal(opened.size, 5);
      assert.ok(Math.abs(opened.lastModified.getTime() - Date.now()) < 60_000);
      opened.close();
    });

    test('has small files beside it, of which there may be none, and none is behind a link', async () => {
      drop('x/a.tif', 'first');
      drop('x/a.tfw', 'world');
      drop('x/large.tfw', 'x'.repeat(2 ** 20 + 1));
      fs.symlinkSync(join(folder, 'x', 'a.tfw'), join(folder, 'x', 'link.tfw'));
      const { sibling, close } = await openSceneIn(folder)(versionOf('first', 'x/a.tif'));
      close();
      assert.equal(Buffer.from((await sibling!('x/a.tfw'))!).toString(), 'world');
      for (const key of ['x/a.wld', 'x/link.tfw', '../x', 'x']) assert.equal(await sibling!(key), null);
      await assert.rejects(sibling!('x/large.tfw'), { name: 'ObjectTooLarge' });
    });

    test('has changed if its bytes changed during or after reading', async () => {
      const scene = await inbox.put(fileOf('first'), 'a');
      const opened = await openSceneIn(folder)(scene);
      assert.equal(await opened.hasChanged(sha256('first')), false);
      assert.equal(await opened.hasChanged(), false);
      drop('a', 'second');
      assert.equal(await opened.hasChanged(sha256('second')), true);
      assert.equal(await opened.hasChanged(), true);
      fs.rmSync(join(folder, 'a'));
      assert.equal(await opened.hasChanged(), true);
      opened.close();
    });

    for (const [what, meanwhile, isOther] of [
      ['stands still', () => {}, false],
      ['is given other rights', () => fs.chmodSync(join(folder, 'a'), 0o600), false],
      ['is deleted', () => fs.rmSync(join(folder, 'a')), false],
      ['gives way to another drop', () => inbox.put(fileOf('second'), 'a'), false],
      ['is written to', () => fs.appendFileSync(join(folder, 'a'), 'more'), true],
      ['is written to in its place', () => fs.writeFileSync(join(folder, 'a'), 'tsrif'), true],
      ['is written to in its place, and given its time back', () => writeOver(join(folder, 'a'), 'tsrif'), true],
    ] as const)
      test(`has the digest that the inbox knows, and ${isOther ? 'is no longer it' : 'stays it'} where it ${what}`, async () => {
        const scene = await inbox.put(fileOf('first'), 'a');
        settle('a');
        await inbox.look('a');
        await pause(20); // file systems' clocks tick every few milliseconds
        const opened = await openSceneIn(folder, undefined, inbox.knownVersion)(scene);
        assert.equal(opened.digest, sha256('first'));
        for await (const _ of opened.chunks) await meanwhile();
        assert.equal(await opened.hasChanged(opened.digest), isOther);
      });

    const overAndBack = () => {
      for (const content of ['tsrif', 'first']) fs.writeFileSync(join(folder, 'a'), content);
    };
    for (const [what, meanwhile] of [
      ['is touched', () => fs.utimesSync(join(folder, 'a'), 1.5e9, 1.5e9)],
      ['is written over and back', overAndBack],
    ] as const)
      for (const [isKnown, digest] of [
        [true, sha256('first')], // all of it could be read
        [true, undefined], // something broken was read
        [false, undefined],
      ] as const)
        test(`is to be read again where it ${what}, ${isKnown ? '' : 'not '}known, and ${digest ? 'whole' : 'broken'}`, async () => {
          const scene = await inbox.put(fileOf('first'), 'a');
          settle('a');
          await inbox.look('a');
          await pause(20);
          const opened = await openSceneIn(folder, undefined, isKnown ? inbox.knownVersion : undefined)(scene);
          for await (const _ of opened.chunks) meanwhile();
          await assert.rejects(opened.hasChanged(digest), TransientTrouble);
        });

    test('has no digest if the inbox does not know its present state', async () => {
      const scene = await inbox.put(fileOf('first'), 'a');
      drop('a', 'other');
      const opened = await openSceneIn(folder, undefined, inbox.knownVersion)(scene);
      assert.equal(opened.digest, undefined);
      opened.close();
    });

    test('comes in chunks that are valid until the next, also beside another one that is read', async () => {
      const contents = ['a', 'b'].map((name) => name.repeat(2_500_000) + name.toUpperCase());
      const scenes = await Promise.all(contents.map((content, i) => inbox.put(fileOf(content), `large-${i}`)));
      for (let round = 0; round < 2; round += 1)
        await Promise.all(
          scenes.map(async (scene) => {
            const sum = crypto.createHash('sha256');
            for await (const chunk of (await openSceneIn(folder)(scene)).chunks) {
              await new Promise((resolve) => setImmediate(resolve)); // the other one is read meanwhile
              sum.update(chunk);
            }
            assert.equal(sum.digest('hex'), scene.versionId);
          }),
        );
    });

    test('is closed at its end, when it is left early, and when it is never read', {
      skip: !hasDescriptors,
    }, async () => {
      const scene = await inbox.put(fileOf('x'.repeat(3_000_000)), 'large');
      const isOpen = () =>
        fs.readdirSync(DESCRIPTORS).some((one) => {
          try {
            return fs.readlinkSync(join(DESCRIPTORS, one)) === fs.realpathSync(join(folder, 'large'));
          } catch {
            return false;
          }
        });
      for (const leave of [true, false]) {
        const opened = await openSceneIn(folder)(scene);
        assert.ok(isOpen());
        for await (const _ of opened.chunks) if (leave) break;
        opened.close();
        assert.ok(!isOpen());
      }
      const unread = await openSceneIn(folder)(scene);
      unread.close();
      while (isOpen()) await new Promise((resolve) => setTimeout(resolve, 5));
    });

    for (const [key, versionId] of [
      ['absent', sha256('x')],
      ['a/below-a-file', sha256('x')],
      ['../versions.jsonl', sha256('x')],
      ['a', '../../versions.jsonl'],
    ] as const)
      test(`must be there, and in the inbox: ${key}, ${versionId.slice(0, 12)}`, async () => {
        await inbox.put(fileOf('x'), 'a');
        await assert.rejects(openSceneIn(folder)({ bucket: 'inbox', key, versionId }), ObjectNotFound);
      });
  });

  describe('a range of a file', () => {
    test('is of the version that is asked for, be it replaced by one of our own drops', async () => {
      const first = await inbox.put(fileOf('the first content'), 'a');
      const second = await inbox.put(fileOf('the second content'), 'a');
      const read = readRangeIn(folder);
      const texts = [first, second].map(async (scene) => Buffer.from(await read(scene, 4, 6)).toString());
      assert.deepEqual(await Promise.all(texts), ['first ', 'second']);
      assert.equal((await read(first, 10, 100)).length, 7, 'no more than there is');
    });

    test('is refused where others have put other bytes in its place, before the first look at it or after', async () => {
      drop('a', 'first');
      const scene = versionOf('first');
      const read = readRangeIn(folder);
      assert.equal((await read(scene, 0, 5)).length, 5);
      fs.utimesSync(join(folder, 'a'), 1e9, 1e9);
      assert.equal((await read(scene, 0, 5)).length, 5, 'a new time is no new version');
      drop('a', 'FIRST');
      for (const port of [read, readRangeIn(folder)])
        await assert.rejects(
          port(scene, 0, 5),
          new ObjectNotFound('a is not the version any more that was classified.'),
        );
    });

    test('is refused where the file is gone, or no file of the inbox', async () => {
      fs.mkdirSync(join(folder, 'north'));
      for (const key of ['gone', 'gone/deeper', 'north', '../versions.jsonl'])
        await assert.rejects(readRangeIn(folder)(versionOf('x', key), 0, 5), ObjectNotFound);
    });

    test('costs no look at the whole file where the inbox knows it as it is', async () => {
      const scene = await inbox.put(fileOf('first'), 'a');
      assert.equal(await inbox.knownVersion('a'), scene.versionId);
      let asked = 0;
      const read = readRangeIn(folder, async (key) => {
        asked += 1;
        return inbox.knownVersion(key);
      });
      assert.equal(Buffer.from(await read(scene, 0, 5)).toString(), 'first');
      assert.equal(asked, 1);
      drop('a', 'other');
      assert.equal(await inbox.knownVersion('a'), null, 'others have been at it');
      assert.equal(await inbox.knownVersion('never seen'), null);
      await assert.rejects(read(scene, 0, 5), ObjectNotFound);
      // What the inbox says is taken, so the bytes of the whole file are not looked at.
      const trusting = readRangeIn(folder, async () => scene.versionId);
      assert.equal(Buffer.from(await trusting(scene, 0, 5)).toString(), 'other');
    });

    test('costs one pass over the whole file while it is unchanged', async () => {
      drop('a', 'first');
      settle('a');
      const scene = versionOf('first');
      const read = readRangeIn(folder);
      const looks = mock.method(crypto, 'createHash');
      syncBuiltinESMExports();
      try {
        await Promise.all([read(scene, 0, 1), read(scene, 1, 1)]);
        assert.equal(Buffer.from(await read(scene, 2, 3)).toString(), 'rst');
        assert.equal(looks.mock.callCount(), 1);
        await pause(20); // file systems' clocks tick every few milliseconds
        writeOver(join(folder, 'a'), 'FIRST');
        await assert.rejects(read(scene, 0, 5), ObjectNotFound, 'its time is the same');
        assert.equal(looks.mock.callCount(), 2);
      } finally {
        looks.mock.restore();
        syncBuiltinESMExports();
      }
    });
  });

  const sceneKeys = ['a', 'north/part-r-00012', 'a.part.tfrecord', 'a b+ü🛰️', 'north.txt/a', 'a.json.gz'];
  const hidden = ['.a', '.a/b', 'a/.b', 'a/../b'];
  const others = ['a~', 'a.part', 'a.tmp', 'mixer.json', 'north/part-r-00012.aux.xml', 'README.MD'];
  for (const key of [...sceneKeys, ...hidden, ...others, '', 'x'.repeat(1025)]) {
    const isScene = sceneKeys.includes(key);
    test(`${JSON.stringify(key.slice(0, 30))} is ${isScene ? 'the' : 'no'} key of a scene`, () => {
      assert.equal(isSceneKey(key), isScene);
    });
  }
});

function drop(key: string, content: string): void {
  const path = join(folder, key);
  fs.mkdirSync(dirname(path), { recursive: true });
  fs.writeFileSync(path, content);
}

/** A time that a file has as `cp -p` and its like bring it along, so that size and time tell nothing. */
function settle(key: string): void {
  fs.utimesSync(join(folder, key), 1e9, 1e9);
}

/** As `cp -p` does. */
function writeOver(path: string, content: string): void {
  fs.writeFileSync(path, content);
  fs.utimesSync(path, 1e9, 1e9);
}

/** A file outside the inbox. */
function fileOf(content: string): string {
  const path = join(fs.mkdtempSync(join(root, 'source-')), 'file');
  fs.writeFileSync(path, content);
  return path;
}

async function contentOf(scene: SceneRef): Promise<string> {
  const { chunks } = await openSceneIn(folder)(scene);
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

/** All files but the kept versions. */
function filesIn(where: string): string[] {
  const entries = fs.readdirSync(where, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('.versions'))
    .map(({ parentPath, name }) => join(parentPath, name).slice(where.length + 1));
}

function versionOf(content: string, key = 'a'): SceneRef {
  return { bucket: 'inbox', key, versionId: sha256(content) };
}

function sha256(content: string): string {
  return hash('sha256', content);
}
