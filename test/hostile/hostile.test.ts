import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attack, MOST_BYTES } from './attack.ts';
import { HOSTILE } from './bodies.ts';

/** Those that ended a server, or held its event loop for seconds. */
const WORST = [
  'lists in lists',
  'ones',
  'empty lists',
  'a PNG of 64 kB that holds 62 MB',
  'spaces',
  'a body without end',
];

test('under hostile bodies, a server stays within 1 GiB and answers every honest request and probe', async () => {
  const kinds = HOSTILE.filter(({ kind }) => WORST.includes(kind));
  const { honest, health, bytes, isAlive } = await attack(12, kinds);
  assert.ok(isAlive && bytes < MOST_BYTES, `${bytes} bytes`);
  assert.deepEqual(honest.wrong, []);
  assert.ok(honest.answered > 5, `${honest.answered} honest answers`);
  assert.equal(health.wrong, 0);
  assert.ok(health.most < 3000, `${health.most} ms`); // a machine that does other work; npm run test:long measures
});
