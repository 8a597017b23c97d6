import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Definition } from '../../../local/stack/service.ts';
import { makeRunPipeline } from '../../stateMachine/runPipeline.ts';
import { walkProblems, withBranches } from './walk.ts';

/** Which branches of a definition executions have taken. */

const definition = {
  StartAt: 'Kind?',
  States: {
    'Kind?': {
      Type: 'Choice',
      Choices: [
        { Variable: '$.kind', StringEquals: 'a', Next: 'Done' },
        { Variable: '$.kind', StringEquals: 'b', Next: 'Done' },
        { Variable: '$.kind', StringEquals: 'c', Next: 'Each' },
      ],
      Default: 'Done',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: {
        StartAt: 'Infer part',
        States: {
          'Infer part': {
            Type: 'Task',
            Resource: 'arn:aws:lambda:us-east-1:000000000000:function:infer',
            Catch: [
              { ErrorEquals: ['ClaimLost'], Next: 'Lost' },
              { ErrorEquals: ['States.ALL'], Next: 'Lost' },
            ],
            End: true,
          },
          Lost: { Type: 'Pass', End: true },
        },
      },
      Next: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
} as unknown as Definition;

const { definition: marked, branches } = withBranches(definition);

async function enteredBy(input: object): Promise<string[]> {
  const entered: string[] = [];
  await makeRunPipeline(marked, { onEntered: (state) => entered.push(state) })(input, {});
  return entered;
}

describe('an execution enters the branch that it takes', () => {
  test('of two rules with the same next state', async () => {
    assert.deepEqual(await enteredBy({ kind: 'b' }), ['Kind?', 'Kind? 2 → Done', 'Done']);
  });

  test('where no rule holds', async () => {
    assert.deepEqual(await enteredBy({ kind: 'x' }), ['Kind?', 'Kind? else → Done', 'Done']);
  });

  test('of a Catch within a Map', async () => {
    const entered = await enteredBy({ kind: 'c', items: ['no message that the function takes'] });
    assert.deepEqual(entered.slice(3), ['Infer part', 'Infer part States.ALL → Lost', 'Lost', 'Done']);
  });
});

test('unvisited branches are reported, and so is a reason without a branch', () => {
  const entered = new Set(branches.filter((branch) => branch !== 'Kind? 2 → Done' && branch !== 'Lost'));
  assert.deepEqual(walkProblems(branches, entered, { Lost: 'It cannot be.' }), [
    'Kind? 2 → Done: no execution of the story comes here; tell of one that does',
  ]);
  assert.deepEqual(walkProblems(branches, new Set(branches), { Lost: 'It cannot be.', Gone: 'It was.' }), [
    'Lost: said to be out of reach, and the story comes here',
    'Gone: a reason for what the definition does not have',
  ]);
});
