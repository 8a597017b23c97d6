import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CANARY_FOLDER } from '../core/base/keys.ts';
import { sceneInput } from '../core/base/messages.ts';
import { readDefinition } from '../local/stack/service.ts';
import { HOSTILE_NAMES } from '../test/hostileNames.ts';
import { EXECUTION, runPipeline } from '../test/stateMachine/runPipeline.ts';

/** A key goes from step to step as a value, and no state makes anything of it. */

/** The commands of jobs, of what no file's name is in: names of executions, and ids in hexadecimal digits. */
const COMMANDS = [
  '$$.Execution.Name, $.run.id',
  '$$.Execution.Name, $.batch.id',
  "States.ArrayGetItem(States.StringSplit($.execution, ':'), 7), $.batch.id",
].map((ids) => `States.Array('work', States.Format('jobs/{}/{}.json', ${ids}))`);
const OF_SHADOWS = "States.Array('work', States.Format('jobs/{}/shadow.json', $$.Execution.Name))";

describe('the definition', () => {
  it('takes values as they are: except for the commands of jobs, it calls no function of the States Language, and builds no text', () => {
    const paths: string[] = [];
    const commands = new Set<string>();
    JSON.stringify(readDefinition(), (name, value) => {
      if (name === 'Command.$') commands.add(value);
      else if (/\.\$$|Path$/.test(name) && !(name === 'ResultPath' && value === null)) paths.push(value);
      return value;
    });
    assert.ok(paths.length > 20);
    for (const path of paths) assert.match(path, /^\$\$?(\.[A-Za-z]\w*)*$/);
    assert.deepEqual([...commands].sort(), [...COMMANDS, OF_SHADOWS].sort());
  });
});

describe('a file by a hostile name', () => {
  it('reaches every step under that name', async () => {
    const boom = () => {
      throw new Error('it broke');
    };
    for (const { name } of HOSTILE_NAMES) {
      const input = sceneInput({ bucket: 'inbox', key: name, versionId: 'v1' });
      const settle = ({ error }: { error: { Error: string; Cause: string } }) => ({
        error: error.Error,
        cause: `Preprocess: ${name}: ${error.Cause}`,
      });
      const { calls, failure } = await runPipeline(input, { preprocess: boom, settle });
      assert.deepEqual(
        calls.map((call) => call.name),
        ['preprocess', 'settle'],
      );
      assert.deepEqual(calls[0]!.message, { scene: input, execution: EXECUTION });
      assert.partialDeepStrictEqual(calls[1]!.message, { input });
      assert.deepEqual(failure, { error: 'Error', cause: `Preprocess: ${name}: it broke` });
    }
  });

  it('is a canary in the reserved folder, and nowhere else', async () => {
    for (const { name } of HOSTILE_NAMES) {
      if (/[\n\r\u2028\u2029]/.test(name)) continue; // the interpreter of a laptop has a pattern end with its line
      const { path } = await runPipeline(
        sceneInput({ bucket: 'inbox', key: CANARY_FOLDER + name, versionId: 'v1' }),
        {},
      );
      assert.deepEqual(path, ['Scene or sweep?', 'Canary'], name);
    }
  });
});
