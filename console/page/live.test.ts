import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { listen } from './live.ts';

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

describe("the server's events", () => {
  test('changes reach each listener until it stops', () => {
    const { live, sources } = start();
    const heard: unknown[] = [];
    const stop = live.onChange((what) => heard.push(what));
    sources[0]!.say('changed', '{"what":["runs","metrics"]}');
    stop();
    sources[0]!.say('changed', '{"what":["alarms"]}');
    assert.deepEqual(heard, [['runs', 'metrics']]);
  });

  test('a connection is open, lost and open again; the browser takes it up by itself', () => {
    const { connections, sources } = start();
    sources[0]!.become(OPEN, 'open');
    sources[0]!.become(CONNECTING, 'error');
    sources[0]!.become(CONNECTING, 'error');
    sources[0]!.become(OPEN, 'open');
    assert.deepEqual(connections, ['waiting', 'open', 'lost', 'open']);
    assert.equal(sources.length, 1);
  });

  test('one that the browser has given up is opened anew, a moment later', () => {
    const { connections, sources, later } = start();
    sources[0]!.become(CLOSED, 'error');
    assert.equal(sources.length, 1);
    later[0]!();
    sources[1]!.become(OPEN, 'open');
    assert.deepEqual(connections, ['waiting', 'lost', 'open']);
  });
});

test('a hidden page does not listen, and reloads everything when it is shown', () => {
  const { sources, later, show } = start();
  show(false);
  assert.ok(sources[0]!.isClosed);
  show(true);
  assert.equal(sources.length, 2);
  show(true);
  assert.equal(sources.length, 2, 'once');
  sources[1]!.become(CLOSED, 'error');
  show(false);
  later[0]!();
  assert.equal(sources.length, 2, 'not while it is out of sight');
});

/** A page that listens to sources which do what a test says. */
function start() {
  const sources: ReturnType<typeof fakeSource>[] = [];
  const later: (() => void)[] = [];
  const open = () => {
    const source = fakeSource();
    sources.push(source);
    return source;
  };
  const page = Object.assign(new EventTarget(), { hidden: false });
  const show = (isShown: boolean) => {
    page.hidden = !isShown;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  const live = listen(open, (work) => later.push(work), page);
  const connections: string[] = [];
  live.onConnection((connection) => connections.push(connection));
  return { live, sources, later, connections, show };
}

function fakeSource() {
  const target = new EventTarget();
  return Object.assign(target, {
    readyState: CONNECTING,
    isClosed: false,
    close() {
      this.isClosed = true;
    },
    say: (name: string, data: string) => target.dispatchEvent(new MessageEvent(name, { data })),
    become(state: number, name: string) {
      this.readyState = state;
      target.dispatchEvent(new Event(name));
    },
  });
}
