import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { listen } from './live.ts';

describe('what is new', () => {
  test('reaches each listener until it stops: everything first, then what has another sign', async () => {
    const { live, says, look } = start({ runs: 'a', metrics: 'a' });
    const heard: unknown[] = [];
    const stop = live((what) => what.length > 0 && heard.push(what));
    await look();
    says({ runs: 'b', metrics: 'a' });
    await look();
    await look();
    says({ metrics: 'a' }); // the runs cannot be read now
    await look();
    says({ runs: 'b', metrics: 'a', alarms: 'a' });
    await look();
    stop();
    says({ runs: 'c' });
    await look();
    assert.deepEqual(heard, [['runs', 'metrics'], ['runs'], ['alarms']]);
  });

  test('is everything once a lost connection is back', async () => {
    const { live, lost, says, look } = start({ runs: 'a', metrics: 'a' });
    await look();
    const heard: unknown[] = [];
    live((what) => what.length > 0 && heard.push(what));
    says(new Error('The console does not answer.'));
    await look();
    await look();
    says({ runs: 'a', metrics: 'a' });
    await look();
    assert.deepEqual(heard, [['runs', 'metrics']]);
    assert.deepEqual(lost, [false, true, true, false]);
  });

  test('is not looked for while the page is out of sight, and is everything afterwards', async () => {
    const { asked, live, page, look } = start({ runs: 'a' });
    await look();
    const heard: unknown[] = [];
    live((what) => what.length > 0 && heard.push(what));
    page.hidden = true;
    await look();
    assert.equal(asked.count, 1);
    page.hidden = false;
    await look();
    assert.deepEqual([asked.count, heard], [2, [['runs']]]);
  });
});

/** A page whose server says what a test has it say. */
function start(first: Record<string, string>) {
  let answer: Record<string, string> | Error = first;
  const asked = { count: 0 };
  const read = async () => {
    asked.count += 1;
    if (answer instanceof Error) throw answer;
    return JSON.stringify(answer);
  };
  const page = { hidden: false };
  let next = () => {};
  const live = listen(read, (work) => (next = work), page);
  const lost: boolean[] = [];
  live((_, isLost) => lost.push(isLost));
  /** Lets a look come to its end, and begins the next one the time after. */
  const look = async () => {
    const begin = next;
    next = () => {};
    begin();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const says = (said: typeof answer) => {
    answer = said;
  };
  return { live, lost, asked, page, says, look };
}
