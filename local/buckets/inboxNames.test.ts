import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, describe, mock, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ObjectNotFound } from '../../core/base/errors.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { HELD_NAMES, NO_KEYS, REFUSED_NAMES } from '../../test/hostileNames.ts';
import { listScenesOf, openInbox } from './inbox.ts';
import { UnfitKey } from './inboxKey.ts';
import { openSceneIn, readRangeIn } from './sceneFiles.ts';
import { STILL_MILLISECONDS } from './still.ts';
import { watchFolder } from './watch.ts';

/** Whatever a file is called, and whatever else lies in the folder: nothing outside of it is read or written. */

const root = fs.mkdtempSync(join(tmpdir(), 'swath-names-'));
after(() => fs.rmSync(root, { recursive: true }));

let home: string;
let folder: string;
let inbox: ReturnType<typeof openInbox>;
describe('names in an inbox', () => {
  beforeEach(() => {
    home = fs.mkdtempSync(join(root, 'stack-'));
    folder = join(home, 'inbox');
    fs.mkdirSync(folder);
    inbox = openInbox(folder, join(home, 'versions.jsonl'));
  });

  test('every name that a folder can hold is one file, found and read under the name that it was given', async () => {
    for (const { name } of HELD_NAMES) {
      const scene = await inbox.put(sourceOf(name), name);
      assert.deepEqual(scene, { bucket: 'inbox', key: name, versionId: sha256(name) });
    }
    const [first, again] = [inbox, openInbox(folder, join(home, 'versions.jsonl'))].map((one) =>
      listScenesOf(one, assert.fail)(null),
    );
    const wanted = HELD_NAMES.map(({ name }) => [name, sha256(name)]).sort(([a], [b]) => (a! < b! ? -1 : 1));
    for (const { scenes } of [await first!, await again!])
      assert.deepEqual(
        scenes.map(({ key, versionId }) => [key, versionId]),
        wanted,
      );
    for (const { name } of HELD_NAMES) {
      const scene = { bucket: 'inbox', key: name, versionId: sha256(name) };
      assert.equal(await inbox.knownVersion(name), scene.versionId);
      const bytes = await readRangeIn(folder)(scene, 0, Buffer.byteLength(name));
      assert.equal(Buffer.from(bytes).toString(), name);
    }
    assert.deepEqual(fs.readdirSync(home).sort(), ['inbox', 'versions.jsonl']);
  });

  describe('a name that leads elsewhere', () => {
    for (const { name, about, refused } of [
      ...REFUSED_NAMES,
      ...NO_KEYS.map(({ name, why }) => ({
        name,
        about: 'no key',
        refused: name === '' ? /nothing/ : /1024|surrog|255/,
        why,
      })),
    ])
      test(`is refused before anything is copied: ${jsonLine(name.slice(0, 30))}, ${about}`, async () => {
        await assert.rejects(inbox.put(sourceOf('x'), name), (error: Error) => {
          assert.ok(error instanceof UnfitKey);
          assert.match(error.message, refused!);
          assert.match(error.message, /^"[^\n]{0,200}" is no key for a file of the inbox folder: .* Rename it\.$/s);
          return true;
        });
        assert.deepEqual(fs.readdirSync(home), ['inbox']);
        assert.deepEqual(fs.readdirSync(folder), []);
      });

    test('is never used by a file that was put in, whatever it is called', async () => {
      fs.writeFileSync(join(home, 'secret'), 'secret');
      await inbox.put(sourceOf('x'), 'a/b');
      const ways = '../secret a/../../secret a/../a/b /a/b a//b a/b/ ./a/b'.split(' ');
      for (const key of [...ways, join(home, 'secret'), 'a/b\0']) {
        const scene = { bucket: 'inbox', key, versionId: sha256('x') };
        await assert.rejects(openSceneIn(folder)(scene), ObjectNotFound, key);
        await assert.rejects(readRangeIn(folder)(scene, 0, 1), ObjectNotFound, key);
        const asVersion = { bucket: 'inbox', key: 'a/b', versionId: key };
        await assert.rejects(openSceneIn(folder)(asVersion), ObjectNotFound, key);
      }
    });

    test('may belong to a sent file, or its prefix, and is reported as given', async () => {
      const source = join(home, '.hidden');
      fs.writeFileSync(source, 'x');
      await assert.rejects(inbox.send(source), /^UnfitKey: "…\/\.hidden" is no key .* skipped there/);
      const companion = join(home, 'mixer.json');
      fs.writeFileSync(companion, '{}');
      await assert.rejects(
        inbox.send(companion),
        /^UnfitKey: "…\/mixer\.json" is no key .*: what ends in \.txt, .* or \.ovr, /,
      );
      await assert.rejects(inbox.send(sourceOf('x'), '../../'), /^UnfitKey: "\.\.\/\.\.\/…\/file" is no key /);
      await assert.rejects(
        inbox.send(sourceOf('x'), `${'x'.repeat(256)}/`),
        /^UnfitKey: "x{80}…" is no key .* 256 bytes/,
      );
      assert.deepEqual(fs.readdirSync(folder), []);
    });
  });

  describe('a symbolic link in the inbox', () => {
    let outside: string;
    beforeEach(() => {
      outside = join(home, 'outside');
      fs.mkdirSync(outside);
      fs.writeFileSync(join(outside, 'secret'), 'secret');
      fs.symlinkSync(join(outside, 'secret'), join(folder, 'to-a-file'));
      fs.symlinkSync(outside, join(folder, 'to-a-folder'));
      fs.symlinkSync('to-itself', join(folder, 'to-itself'));
      fs.symlinkSync('..', join(folder, 'around'));
      fs.symlinkSync('nowhere', join(folder, 'to-nothing'));
    });
    const links = ['around', 'to-a-file', 'to-a-folder', 'to-itself', 'to-nothing'];

    test('is not followed by the list of scenes, which says so and shows all else', async () => {
      await inbox.put(sourceOf('x'), 'north/a');
      const errors: string[] = [];
      const { scenes } = await listScenesOf(inbox, (key, { message }) => {
        assert.match(message, /^it is a symbolic link, .* Put the file itself there\.$/);
        errors.push(key);
      })(null);
      assert.deepEqual([scenes.map(({ key }) => key), errors], [['north/a'], links]);
    });

    test('is not read through', async () => {
      for (const key of ['to-a-file', 'to-a-folder/secret', 'around/outside/secret']) {
        const scene = { bucket: 'inbox', key, versionId: sha256('secret') };
        await assert.rejects(openSceneIn(folder)(scene), ObjectNotFound, key);
        await assert.rejects(readRangeIn(folder)(scene, 0, 6), ObjectNotFound, key);
        await assert.rejects(inbox.look(key), /symbolic link/, key);
      }
    });

    test('is not written through', async () => {
      for (const key of ['to-a-file', 'to-a-folder/new', 'to-a-folder/new/er', 'around/new'])
        await assert.rejects(inbox.put(sourceOf('x'), key), /^UnfitKey: .* symbolic link/, key);
      assert.deepEqual(fs.readdirSync(outside), ['secret']);
      assert.equal(fs.readFileSync(join(outside, 'secret'), 'utf8'), 'secret');
      assert.deepEqual(fs.readdirSync(folder).sort(), links);
    });

    test('in the place of the former versions takes none of them', async () => {
      await inbox.put(sourceOf('first'), 'a');
      fs.symlinkSync(outside, join(folder, '.versions'));
      await assert.rejects(inbox.put(sourceOf('second'), 'a'), /^UnfitKey: "\.versions": it is a symbolic link/);
      assert.deepEqual(fs.readdirSync(outside), ['secret']);
      fs.writeFileSync(join(outside, sha256('x')), 'x');
      await assert.rejects(openSceneIn(folder)({ bucket: 'inbox', key: 'b', versionId: sha256('x') }), ObjectNotFound);
    });

    test('does not keep the watch from starting, and is reported when it appears, as a pipe is', async () => {
      mock.timers.enable({ apis: ['setInterval', 'Date'] });
      const taken: string[] = [];
      const stop = watchFolder(folder, (key) => taken.push(key));
      try {
        await pause(50);
        fs.symlinkSync(outside, join(folder, 'later'));
        execFileSync('mkfifo', [join(folder, 'pipe')]);
        fs.writeFileSync(join(folder, 'a'), 'x');
        for (let i = 0; i < 100 && !['a', 'later', 'pipe'].every((key) => taken.includes(key)); i += 1) {
          await pause(20);
          mock.timers.tick(STILL_MILLISECONDS / 4);
        }
      } finally {
        stop();
        mock.timers.reset();
      }
      const others = new Set(taken.filter((key) => !links.includes(key))); // these may be told once more
      assert.deepEqual([...others].sort(), ['a', 'later', 'pipe']);
    });
  });

  test("the inbox itself may be a link, because the folder's owner made it", async () => {
    fs.mkdirSync(join(home, 'elsewhere'));
    fs.rmdirSync(folder);
    fs.symlinkSync(join(home, 'elsewhere'), folder);
    const scene = await inbox.put(sourceOf('x'), 'north/a');
    assert.deepEqual(await inbox.look('north/a'), { scene, isNew: false });
    assert.equal(Buffer.from(await readRangeIn(folder)(scene, 0, 1)).toString(), 'x');
  });

  describe('beside what cannot be looked at, all else is found:', () => {
    const listed = async () => {
      const errors: string[] = [];
      const tell = (key: string, { message }: Error) => errors.push(`${key}: ${message}`);
      const { scenes } = await listScenesOf(inbox, tell)(null);
      assert.equal(scenes.map(({ key }) => key).join(), 'a');
      return errors;
    };
    beforeEach(() => inbox.put(sourceOf('x'), 'a'));

    test('a folder and a file whose names are not UTF-8', { skip: process.platform !== 'linux' }, async () => {
      // As bytes, which no text of ours could say.
      for (const name of ['f\\377', 'd\\377'].map((octal) => `"$(printf '${octal}')"`))
        execFileSync('sh', ['-c', name.includes('f') ? `echo x > ${name}` : `mkdir ${name} && echo x > ${name}/a`], {
          cwd: folder,
        });
      const says = 'its name is not UTF-8, so it could not be named in S3 either. Rename it.';
      assert.deepEqual(await listed(), [`d\ufffd: ${says}`, `f\ufffd: ${says}`]);
      watchFolder(folder, assert.fail)();
    });

    test('a folder without permission', { skip: process.getuid?.() === 0 && 'root may' }, async () => {
      fs.mkdirSync(join(folder, 'locked', 'up'), { recursive: true });
      fs.chmodSync(join(folder, 'locked'), 0);
      try {
        assert.match(String(await listed()), /^locked: EACCES/);
      } finally {
        fs.chmodSync(join(folder, 'locked'), 0o700);
      }
    });

    test('ways that are longer than a key', async () => {
      const deep = Array.from({ length: 8 }, (_, i) => `${i}${'x'.repeat(150)}`).join('/');
      fs.mkdirSync(join(folder, dirname(deep)), { recursive: true });
      fs.writeFileSync(join(folder, dirname(dirname(deep)), `y${'y'.repeat(200)}`), 'x');
      mock.timers.enable({ apis: ['Date'], now: Date.now() + 2 * STILL_MILLISECONDS }); // it stands still
      const [folderTold, fileTold, ...others] = await listed().finally(() => mock.timers.reset());
      assert.match(
        folderTold!,
        /^0x[^:]*: nothing in it can be named in S3: a key has at most 1024 bytes\. Rename it\.$/,
      );
      assert.match(fileTold!, /y: it cannot be named in S3: a key has at most 1024 bytes\. Rename it\.$/);
      assert.deepEqual(others, []);
    });

    test('a pipe, on which a reader would wait for ever', async () => {
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      const says =
        /^pipe: it is a symbolic link, .*; or it is a pipe, a socket or a device\. Put the file itself there\.$/;
      assert.match(String(await listed()), says);
      await assert.rejects(inbox.put(sourceOf('x'), 'pipe'), UnfitKey);
      const scene = { bucket: 'inbox', key: 'pipe', versionId: sha256('x') };
      await assert.rejects(openSceneIn(folder)(scene), ObjectNotFound);
    });
  });
});

/** A file outside of the inbox. */
function sourceOf(content: string): string {
  const path = join(fs.mkdtempSync(join(root, 'source-')), 'file');
  fs.writeFileSync(path, content);
  return path;
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
