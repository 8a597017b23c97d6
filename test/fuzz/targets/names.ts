import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { askedBy } from '../../../cli/send/redrive.ts';
import { MAX_NAME_LENGTH } from '../../../core/base/limits.ts';
import { executionName, isOwnName, runId, sceneId, sceneInput, sceneRefSchema } from '../../../core/base/messages.ts';
import { isSafeName, packageFile, slug } from '../../../core/base/names.ts';
import { printable } from '../../../core/base/text/printable.ts';
import { notificationOf } from '../../../core/doors/notifications/notification.ts';
import { readFromFolder } from '../../../local/buckets/folderBucket.ts';
import { parseVersions } from '../../../local/buckets/inbox.ts';
import { isSceneKey } from '../../../local/buckets/inboxKey.ts';
import { openSceneIn } from '../../../local/buckets/sceneFiles.ts';
import { damage } from '../mutate/bytes.ts';
import { damageJson } from '../mutate/json.ts';
import type { Target } from '../target.ts';

const folder = mkdtempSync(join(tmpdir(), 'swath-fuzz-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const [openScene, readObject] = [openSceneIn(folder), readFromFolder(folder)];

const NAMES = ['north/2026/x.tfrecord', 'scène été.tfrecord', 'a', 'b/c d', 'x'.repeat(1024), 'ü'.repeat(512)];
const PIECES = [
  ...`../ / // ./ " ' <script> =cmd() \\ %2e%2e ~ .part 💥 # ? CON :`.split(' '),
  ...[' ', '\n', '\r\n', '\0', '\u202e', '\ufeff', '\ud800', '\u001b[31m'],
];

/** Keys and names of all kinds, through all that makes something else of them. A key is JSON here: it may be half a pair. */
export const key: Target = {
  name: 'key',
  limits: { share: 45, refuses: [], bytesPerByte: 400 },
  make: (dice) => {
    let name = dice.pick(NAMES);
    for (let i = dice.below(5); i > 0; i--) {
      const at = dice.below(name.length + 1);
      name = name.slice(0, at) + dice.pick(PIECES).repeat(dice.once(40) ? 5000 : 1) + name.slice(at);
    }
    if (dice.once(5)) name = new TextDecoder().decode(damage(new TextEncoder().encode(name), dice));
    return new TextEncoder().encode(JSON.stringify(name));
  },
  read: async (bytes) => {
    const name: string = JSON.parse(new TextDecoder().decode(bytes));
    assert.doesNotMatch(printable(name), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\p{Cs}/u);
    const isRefused = /^[^a-z0-9]*$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/.test(slug(name));
    assert.ok(isSafeName(slug(name)) || isRefused || slug(name).length > MAX_NAME_LENGTH);
    const file = packageFile(name);
    assert.ok(file === undefined || join(folder, file).startsWith(folder + sep));
    const ref = sceneRefSchema.safeParse({ bucket: 'inbox', key: name, versionId: 'v1' });
    if (isSceneKey(name)) assert.ok(ref.success);
    await assert.rejects(readObject(name), notThere);
    if (!ref.success) return;
    assert.ok(Buffer.byteLength(name) <= 1024);
    const id = runId(ref.data, { name: 'm', version: '1' });
    assert.ok(isOwnName(executionName(id, 1)));
    assert.ok(sceneId(ref.data).includes(name));
    await assert.rejects(openScene(ref.data), notThere);
    await assert.rejects(openScene({ ...ref.data, key: 'a', versionId: name }), notThere);
    for (const told of [sceneInput(ref.data), notificationOf(ref.data)]) {
      const body = JSON.stringify(told);
      const asked = askedBy(
        { id: 'm', body, why: null, from: null, receipt: 'r' },
        { inbox: { bucket: 'inbox', prefix: '' }, sendBack: { requests: null, counts: null, warehouse: null } },
      );
      assert.deepEqual([asked.kind, asked.what], ['scene', name]);
    }
  },
};

/** Nothing lies in that folder, and a name that leads out of it, or that no file can have, is as good as absent. */
function notThere(error: Error): boolean {
  assert.equal(error.name, 'ObjectNotFound', String(error));
  return true;
}

const LINE = ['north/x', 'a'.repeat(64), '46743-1772359200000000000-12-1772359260000000000'];

/** The embedded inbox's file of versions, which a power failure may have cut, or another program written. */
export const versions: Target = {
  name: 'versions',
  limits: { share: 45, refuses: [], bytesPerByte: 200 },
  make: (dice) => {
    const lines = Array.from({ length: 1 + dice.below(4) }, (_, i) =>
      dice.once(2)
        ? damageJson(LINE.with(0, `north/${i}`), dice)
        : new TextEncoder().encode(JSON.stringify(LINE.with(0, `${i}`))),
    );
    const file = new Uint8Array(Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
    return dice.once(3) ? damage(file, dice) : file;
  },
  read: (bytes) => {
    const known = parseVersions(new TextDecoder().decode(bytes));
    for (const [name, { sha256, fingerprint }] of known) {
      assert.ok(sceneRefSchema.shape.key.safeParse(name).success, JSON.stringify(name));
      assert.match(sha256, /^[0-9a-f]{64}$/); // it becomes a file's name
      assert.match(fingerprint, /^\d+--?\d+-\d+(-\d+)?$/);
    }
  },
};
