import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { publishModel } from '../../cli/models/publishModel.ts';
import { tryModel } from '../../cli/models/tryModel.ts';
import { promotedKey } from '../../core/base/keys.ts';
import { makePromotions } from '../../core/releases/promotions.ts';
import { readParameters } from '../../deployment/defaults.ts';
import { type Alarm, type AlarmState, alarmsOf, describeAlarm } from '../../observability/alarms.ts';
import { startChat } from '../../test/benches/chat.ts';
import { blankFrames, framesWithTruth, named, sceneOf } from '../../test/scenes.ts';
import { folderBucket } from '../buckets/folderBucket.ts';
import { type OwnStack, startStack } from '../stack/stack.ts';
import { observedParameters } from './observing.ts';

/**
 * Each alarm goes off and is over again on the embedded stack, driven by what it is about: files, time, and for what a
 * laptop has not, the datums that AWS's services would publish.
 */

const home = mkdtempSync(join(tmpdir(), 'swath-alarms-'));
const parameters = {
  quietDaysLimit: 3,
  driftWindow: 40,
  accuracyLimit: 0.4,
  alarmWebhook: '/swath/hook',
  arrivalsWindowSeconds: 60,
};
const errors: unknown[] = [];
let chat: Awaited<ReturnType<typeof startChat>>;
let stack: OwnStack;

const alarms = alarmsOf(observedParameters({ ...readParameters(), ...parameters }, join(home, 'data')));
const MODEL = fileURLToPath(new URL('../../models/droughtwatch-baseline/1.0.0', import.meta.url));
const NAME = 'droughtwatch-baseline';
const promote = () => makePromotions(folderBucket(stack.folder.models), NAME, tryModel).promote('1.0.0', stack.now());

/** Puts a file in, and waits until its run has ended. */
async function send(bytes: Uint8Array): Promise<void> {
  const file = join(home, 'file');
  writeFileSync(file, bytes);
  await stack.deliver(await stack.put(file, crypto.randomUUID()));
}

/** Forty chips whose truth is one class, like no other such file. */
const allOf = (truth: number) => sceneOf(crypto.randomUUID(), 40, 0, framesWithTruth(truth));
const mixed = () => sceneOf(crypto.randomUUID(), 81);

async function hours(count: number): Promise<void> {
  stack.clock.set(new Date(stack.now().getTime() + count * 3_600_000));
  await stack.putMetrics([]); // the alarms are looked at
}

/** The datum that an alarm's metric would have. */
const datum = ({ metric }: Alarm, value: number) =>
  stack.putMetrics([{ ...metric, time: stack.now().toISOString(), value }]);

/** What makes an alarm go off, and what ends it. */
type Drive = { raise: (alarm: Alarm) => Promise<void>; clear: (alarm: Alarm) => Promise<void> };

const drives: Record<string, Drive> = {
  drift: { raise: () => send(allOf(3)), clear: (alarm) => sendLater(mixed(), alarm) },
  // This version of the bundled package has no profile; local/alarms/darkBand.test.ts drives it by a package that has one.
  'band-drift': { raise: (alarm) => datum(alarm, 0.5), clear: (alarm) => datumLater(alarm, 0.1) },
  // A closed day publishes it, after weeks; core/drift/gradualDrift.test.ts has them.
  'gradual-drift': { raise: (alarm) => datum(alarm, 0.2), clear: (alarm) => datumLater(alarm, 0.05) },
  blanks: {
    raise: () => send(Buffer.concat(Array.from({ length: 200 }, () => named(blankFrames[0]!, crypto.randomUUID())))),
    clear: (alarm) => sendLater(mixed(), alarm),
  },
  accuracy: {
    raise: async ({ id }) => {
      await hours(0.25); // of a minute, the highest number counts
      await send(allOf(1));
      await lastWord(id, 'ALARM'); // a word that was due before may have been said in that minute
    },
    clear: (alarm) => sendLater(mixed(), alarm),
  },
  // The bundled package expects no accuracy; test/embeddedTruth.test.ts drives it by one that does.
  'accuracy-below': { raise: (alarm) => datum(alarm, 0.02), clear: (alarm) => datumLater(alarm, -0.02) },
  'failed-runs': {
    raise: async () => {
      const { write } = folderBucket(stack.folder.models);
      await write(promotedKey(NAME), new TextEncoder().encode('nothing that names a version'));
      await send(mixed());
      await promote();
    },
    clear: () => hours(1),
  },
  'invalid-files': { raise: () => send(Buffer.from('no scene')), clear: () => hours(1) },
  'dead-letters': {
    raise: async ({ id }) => {
      await stack.request('no request');
      for (let look = 0; look < LOOKS && (await stateOf(id)).state !== 'ALARM'; look += 1) await pause(50);
    },
    clear: () => hours(0.25),
  },
  arrivals: { raise: (alarm) => datum(alarm, alarm.threshold + 1), clear: (alarm) => datumLater(alarm, 0) },
  // core/feeds/followFeed.test.ts counts failed looks.
  feeds: { raise: (alarm) => datum(alarm, 3), clear: (alarm) => datumLater(alarm, 0) },
  'no-sweep': { raise: () => hours(27), clear: () => stack.sweep() },
  webhook: { raise: (alarm) => datum(alarm, 1), clear: () => hours(1) },
  'nothing-arrived': {
    raise: async () => {
      await hours(4 * 24); // three whole days, and what is left of the first one
      await stack.sweep();
    },
    clear: async () => {
      await hours(2);
      await send(mixed());
      await stack.sweep();
    },
  },
  ...Object.fromEntries(
    alarms
      .filter(({ id }) => id.startsWith('slow-'))
      .map(({ id }): [string, Drive] => [
        id,
        { raise: (alarm) => datum(alarm, alarm.threshold + 1), clear: (alarm) => datumLater(alarm, 5) },
      ]),
  ),
};

/** A file that ends an alarm, be it within the minute in which something else is published. */
async function sendLater(bytes: Uint8Array, { id }: Alarm): Promise<void> {
  await hours(0.25);
  await send(bytes);
  await lastWord(id, 'OK');
}

/** On a machine that has nothing else to do it takes a tenth of a second. */
const LOOKS = 1200;

/** Two minutes on, when what the newest runs say is said once more, and until the alarm has heard it. */
async function lastWord(id: string, state: AlarmState['state'], looks = LOOKS): Promise<void> {
  await stack.idle(); // what has read the ledger by now would be said two minutes late
  await hours(2 / 60);
  await stack.idle(); // else it is said in the minute of another test, whose highest number counts
  for (let look = 0; look < looks && (await stateOf(id)).state !== state; look += 1) await pause(50);
}

async function datumLater(alarm: Alarm, value: number): Promise<void> {
  await hours(0.25);
  await datum(alarm, value);
}

async function stateOf(id: string): Promise<AlarmState> {
  return (await stack.readAlarms()).find((state) => state.id === id)!;
}

describe('alarms on the embedded stack', () => {
  before(async () => {
    chat = await startChat();
    stack = await startStack({
      dataDir: join(home, 'data'),
      command: 'a test',
      parameters,
      alarmWebhook: chat.address,
      onError: (...error) => errors.push(error),
    });
    await publishModel(folderBucket(stack.folder.models), MODEL);
    await promote();
    stack.clock.set(new Date('2026-03-01T08:00:00Z'));
  });
  after(async () => {
    await stack.close();
    chat.close();
    rmSync(home, { recursive: true });
    assert.deepEqual(errors, []);
  });

  test('every alarm is driven here', () => {
    const idsOf = (some: readonly Alarm[]) => some.map(({ id }) => id).sort();
    assert.deepEqual(idsOf(alarms.filter(({ isOn }) => isOn)), Object.keys(drives).sort());
    // Nobody measures how old a file in a folder is, and what is asked over HTTP comes through no gateway.
    const ofGateway = ['api-errors', 'api-errors-of-day', 'api-slow', 'api-throttles', 'api-uncounted'];
    assert.deepEqual(idsOf(alarms.filter(({ isOn }) => !isOn)), [...ofGateway, 'counts', 'requests', 'warehouse']);
  });

  describe('each alarm goes off, sends an e-mail, and is over again', () => {
    for (const alarm of alarms.filter(({ isOn }) => isOn))
      test(alarm.id, async () => {
        const drive = drives[alarm.id]!;
        const emails = async () =>
          (await stack.readOutbox()).filter(({ subject }) => new RegExp(`-${alarm.id}[: ]`).test(subject));
        await stack.sweep();
        const before = (await emails()).length;

        await drive.raise(alarm);
        const raised = await stateOf(alarm.id);
        assert.equal(raised.state, 'ALARM', raised.reason);
        const [email, ...older] = await emails();
        assert.equal(older.length, before, 'one e-mail');
        assert.equal(email?.subject, `ALARM: swath-local-${alarm.id}: ${alarm.title}`);
        const text = email.text.replaceAll('\n', ' ');
        assert.ok(text.startsWith(describeAlarm(alarm)), email.text);
        assert.ok(text.includes(raised.reason));
        if (alarm.id === 'invalid-files') {
          assert.match(text, /In particular: {2}- \S+ \(run [\da-f]{8}\w*, \S+\): InvalidSceneFile: /);
          const command = `npx swath runs --state INVALID --data-dir ${join(home, 'data')}`;
          assert.ok(
            text.includes(command) && JSON.stringify(chat.posted).includes(command),
            'commands name the folder',
          );
        }
        if (alarm.id === 'drift')
          assert.match(
            text,
            /In particular: {2}- What changed is not known: .* too few truths yet of earlier days .*\. - The class that moved most is [\w-]+: from \d+ % of the reference to \d+ %\. The file [\da-f-]{36} contributed most: \d+ % of its 40 predictions\. /,
          );
        assert.equal(new Date(email.time).toISOString().slice(0, 19), raised.since.slice(0, 19));

        await drive.clear(alarm);
        const cleared = await stateOf(alarm.id);
        assert.equal(cleared.state, 'OK', cleared.reason);
        const [newest] = await emails();
        assert.equal(newest?.subject.split(':')[0], alarm.tellsWhenOver ? 'OK' : 'ALARM');
        const subjects = (await emails()).map(({ subject }) => subject).reverse();
        const posted = () => chat.subjects().filter((subject) => subjects.includes(subject));
        for (let looks = 0; looks < 50 && posted().length < subjects.length; looks += 1) await pause(50);
        assert.deepEqual(posted(), subjects, 'a webhook is told the same, in the same order');
      });
  });

  describe('the drift alarm follows the last window of a burst within one minute', () => {
    /** Sends files at the same minute of the stack's clock, and answers the alarm's states: then, and two minutes later. */
    async function burst(files: Uint8Array[], looks = LOOKS) {
      const minute = Math.ceil(stack.now().getTime() / 60_000) * 60_000 + 60 * 60_000;
      for (const [place, bytes] of files.entries()) {
        // Each ends before the next one comes: the clock goes on while a file is classified.
        stack.clock.set(new Date(Math.max(stack.now().getTime(), minute + 15_000 * place)));
        await send(bytes);
      }
      const { state: then } = await stateOf('drift');
      const expected = then === 'ALARM' ? 'OK' : 'ALARM';
      await lastWord('drift', expected, looks);
      return [then, (await stateOf('drift')).state];
    }

    test('where it is fine, after others that drifted: the alarm is over, without another file', async () => {
      assert.deepEqual(await burst([allOf(3), mixed()]), ['ALARM', 'OK']);
      assert.deepEqual(await burst([mixed(), allOf(3), mixed()]), ['ALARM', 'OK'], 'and from the beginning');
    });

    test('that drifts after others that did not: the alarm is on', async () => {
      assert.deepEqual(await burst([mixed(), allOf(3)], 50), ['ALARM', 'ALARM']);
    });
  });
});
