import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type SceneRef, sceneInput } from '../../core/base/messages.ts';
import { sceneOf } from '../scenes.ts';
import { baseline } from '../suite/subject.ts';
import { jsonLines } from '../swath.ts';
import type { At } from './here.ts';

const SAMPLE = 'samples/droughtwatch/part-r-00012';
const PACKAGE = 'models/droughtwatch-baseline/1.0.0';

/** `npx swath … --stage`, as a person or a script calls it. */
export function commandLine(at: At): void {
  describe('the command line on a stage', () => {
    const folder = mkdtempSync(join(tmpdir(), 'swath-sent-'));
    after(() => rmSync(folder, { recursive: true }));
    /** What a command says in JSON, once it has ended well. */
    async function answerOf<Answer>(...args: string[]): Promise<Answer> {
      const ended = await at().swath(...args, '--stage', at().stage.name, '--json');
      assert.equal(ended.code, 0, `swath ${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
      return jsonLines<Answer>(ended)[0]!;
    }

    /** A scene file of so many chips, on this machine. */
    function fileOf(name: string, chips: number): string {
      const path = join(folder, name);
      writeFileSync(path, sceneOf(at().subject.unique(name), chips));
      return path;
    }

    test('doctor finds all well, and a canary that came by its event', async () => {
      const { checks } = await answerOf<{ checks: { id: string; status: string; found: string }[] }>('doctor');
      const unwell = checks.filter(({ status, id }) => status !== 'fine' && id !== 'alarms');
      assert.deepEqual(unwell, []);
      assert.match(checks.find(({ id }) => id === 'canary')?.found ?? '', /canary's event started its execution/);
    });

    test('model publishes, promotes, and rolls back', async () => {
      type Promoted = { version: string };
      const { promoted: former } = await answerOf<{ promoted: Promoted }>('model', 'list');
      assert.partialDeepStrictEqual(await answerOf('model', 'publish', PACKAGE, '--promote'), { version: '1.0.0' });
      const { state, chips, model } = await answerOf<Record<string, unknown>>('send', SAMPLE);
      assert.deepEqual([state, chips, model], ['DONE', 81, { name: 'droughtwatch-baseline', version: '1.0.0' }]);
      assert.equal((await answerOf<Promoted>('model', 'rollback')).version, former.version);
    });

    test('send follows a file to its end, and show has its whole story, with the log lines of each step', async () => {
      const { run, state } = await answerOf<{ run: string; state: string }>('send', fileOf('sent', 3));
      assert.equal(state, 'DONE');
      const { logs } = await answerOf<{ logs: { event: string }[] }>('show', run);
      assert.deepEqual(
        logs.map(({ event }) => event),
        ['preprocess.done', 'infer.done', 'drift.done'],
      );
    });

    test('retry tries a failed run again, once what made it fail is mended', async () => {
      const { run, with: withModel, unique, publishFile } = at().subject;
      const { 'model.onnx': onnx, ...incomplete } = baseline;
      await withModel(incomplete, async (model) => {
        const failed = await run('to retry', sceneOf(unique('to retry'), 2));
        assert.equal(failed.state, 'FAILED');
        await publishFile(model, 'model.onnx', onnx!);
        assert.partialDeepStrictEqual(await answerOf('retry', failed.run), { run: failed.run, state: 'DONE' });
      });
    });

    test('redrive puts back what a rule could not deliver, and takes it out of the queue', async () => {
      const { stage, subject } = at();
      const scene = await subject.stack.putSilently(subject.key('dead'), sceneOf(subject.unique('dead'), 2));
      const sqs = new SQSClient({ ...stage.account, useQueueUrlAsEndpoint: false });
      const QueueUrl = stage.output('DeadLetterQueueUrl');
      const event = { version: '0', id: crypto.randomUUID(), 'detail-type': 'Object Created', ...sceneInput(scene) };
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) }));
      assert.partialDeepStrictEqual(await answerOf('redrive'), { outcome: 'put back' });
      assert.partialDeepStrictEqual(await subject.settled(scene), { state: 'DONE', attempt: 1, chips: 2 });
      const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
      );
      assert.deepEqual(Object.values(Attributes!), ['0', '0']);
      sqs.destroy();
    });

    test('sweep ends, and prints what it found', async () => {
      assert.partialDeepStrictEqual(await answerOf('sweep'), { started: 0, settled: 0 });
    });

    test('sweep says what became of bulk files, and show where the predictions of one are', async () => {
      const { subject } = at();
      const names = ['bulk one', 'bulk two'];
      const scenes: SceneRef[] = [];
      for (const name of names)
        scenes.push(await subject.stack.putSilently(`bulk/${subject.key(name)}`, sceneOf(subject.unique(name), 2)));
      const { bulk } = await answerOf<{ bulk: Record<string, number> }>('sweep');
      assert.partialDeepStrictEqual(bulk, { files: 2, batches: 1, done: 2, invalid: 0, failed: 0, unsettled: 0 });
      const { run, batch = '' } = await subject.settled(scenes[0]!);
      assert.partialDeepStrictEqual(await answerOf('show', run), { run, state: 'DONE', chips: 2, batch });
      assert.notEqual(batch, '');
    });

    test('a stage that is not there is wrong use, in a sentence', async () => {
      const { code, stdout, stderr } = await at().swath('runs', '--stage', 'nowhere');
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /^swath: there is no stack swath-nowhere in this account and region\. .*\n$/);
    });
  });
}
