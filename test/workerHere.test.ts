import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { readParameters } from '../deployment/defaults.ts';
import { dataFolderAt } from '../local/stack/dataFolder.ts';
import { TABLE } from '../local/stack/link.ts';
import { environmentOf } from '../local/stack/stack.ts';
import * as apart from '../local/stack/workerProcess.ts';
import * as here from './benches/workerHere.ts';

/** The worker of the stories says what one that is a process says. */
describe('a worker in the process of the test', () => {
  const data = {
    environment: environmentOf(readParameters()),
    folder: dataFolderAt('none'),
    time: { ahead: 3_600_000 },
  };
  const asked: unknown[] = [];
  const notHere = async (body: unknown) => {
    asked.push(body);
    throw Object.assign(new Error('Not here.'), { name: 'NotHere' });
  };
  const answers = { [TABLE]: notHere, listScenes: notHere };
  const stopped = new Error('stopped');
  const ends: (() => void)[] = [];
  after(() => {
    for (const end of ends) end();
  });

  async function seen({ startWorkerProcess }: typeof apart | typeof here) {
    const lines: string[] = [];
    const worker = startWorkerProcess(data, answers, (line) => lines.push(line));
    ends.push(() => worker.kill(stopped));
    const outcomes: string[] = [];
    for (const message of [{}, { cursor: null, execution: 'arn:a' }, undefined])
      await worker.call({ name: 'discover', message, seconds: 9 }).then(
        (result) => outcomes.push(JSON.stringify(result)),
        ({ name, message }: Error) => outcomes.push(`${name}: ${message}`),
      );
    const facts = [worker.knows('discover'), worker.did('discover'), worker.knows('infer'), worker.isUsable()];
    worker.stop(stopped);
    await worker.ended;
    const logged = lines.map((line) => {
      const { time, milliseconds, ...rest } = JSON.parse(line);
      assert.ok(Date.parse(time) > Date.now() + 3_000_000 && milliseconds >= 0, 'by the clock of the stack');
      return rest;
    });
    return { outcomes, logged, facts: [...facts, worker.isUsable()], asked: asked.splice(0) };
  }

  test('has the outcomes, log lines and questions of one that is a process', async () => {
    const one = await seen(here);
    assert.deepEqual(one, await seen(apart));
    assert.ok(one.outcomes.length === 3 && one.asked.length > 0, JSON.stringify(one));
  });
});
