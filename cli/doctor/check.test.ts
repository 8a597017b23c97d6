import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Check, type Finding, fine, type Looked, lookAtAll, notice, wrong } from './check.ts';
import { LAPTOP_CHECKS, STAGE_CHECKS } from './doctor.ts';

type Ports = { asked: string[] };

/** A check that finds what it is told to; one that is told an error throws it. */
function check(id: string, finding: Finding | Error, needs: string[] = []): Check<Ports> {
  const look = async ({ asked }: Ports) => {
    asked.push(id);
    if (finding instanceof Error) throw finding;
    return finding;
  };
  return { id, title: `the ${id}`, needs, look };
}

async function lookAt(checks: Check<Ports>[]) {
  const asked: string[] = [];
  const titles: string[] = [];
  const explain = (error: unknown): Finding => {
    const { name, message } = error as Error;
    return name === 'Denied' ? { ...wrong(message), letsOthersLook: true } : wrong(message);
  };
  const looked: Looked[] = [];
  const onLook = (title: string) => void titles.push(title);
  for await (const one of lookAtAll(checks, { asked }, { onLook, explain })) looked.push(one);
  return { asked, titles, looked: looked.map(({ id, status, found }) => [id, status, found]) };
}

describe('checks', () => {
  test('continue after one that fails, and are reported in order', async () => {
    const { asked, titles, looked } = await lookAt([
      check('one', wrong('it is broken')),
      check('two', new Error('it threw')),
      check('three', notice('it is odd')),
      check('four', fine('it is well')),
    ]);
    assert.deepEqual(asked, ['one', 'two', 'three', 'four']);
    assert.deepEqual(titles, ['the one', 'the two', 'the three', 'the four']);
    assert.deepEqual(looked, [
      ['one', 'wrong', 'it is broken'],
      ['two', 'wrong', 'it threw'],
      ['three', 'notice', 'it is odd'],
      ['four', 'fine', 'it is well'],
    ]);
  });

  test('that need a failed check are skipped, and so are those that need a skipped one', async () => {
    const { asked, looked } = await lookAt([
      check('one', wrong('it is broken')),
      check('two', fine(''), ['one']),
      check('three', fine(''), ['two']),
      check('four', fine('it is well'), []),
    ]);
    assert.deepEqual(asked, ['one', 'four']);
    assert.deepEqual(
      looked.map(([id, status]) => [id, status]),
      [
        ['one', 'wrong'],
        ['two', 'not looked at'],
        ['three', 'not looked at'],
        ['four', 'fine'],
      ],
    );
    assert.match(looked[2]![2]!, /the one/, 'it names what is wrong, and not what was not looked at');
  });

  test('that need a check with a notice, or one that was skipped, are run', async () => {
    const denied = Object.assign(new Error('you may not look'), { name: 'Denied' });
    const { asked } = await lookAt([
      check('one', notice('it is odd')),
      check('two', denied),
      check('three', fine(''), ['one', 'two']),
    ]);
    assert.deepEqual(asked, ['one', 'two', 'three']);
  });
});

const STAGE_ONLY = STAGE_CHECKS.map(({ id }) => id).filter((id) => !LAPTOP_CHECKS.some((one) => one.id === id));

for (const [name, checks] of [
  ['a stage', STAGE_CHECKS as Check<never>[]],
  ['the embedded stack', LAPTOP_CHECKS as Check<never>[]],
] as const)
  test(`each check of ${name} has a unique id, and comes after those that it needs`, () => {
    const ids = checks.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const [place, { id, needs = [] }] of checks.entries())
      for (const need of needs) {
        // The embedded stack has not all that a stage has.
        const isMissing = checks === LAPTOP_CHECKS && STAGE_ONLY.includes(need);
        assert.ok(ids.slice(0, place).includes(need) || isMissing, `${id} needs ${need}`);
      }
  });
