import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logLine, logTo } from './log.ts';

test('lines go to stdout, from where CloudWatch has them', (t) => {
  const write = t.mock.method(process.stdout, 'write', () => true);
  logLine('settle.done', {});
  write.mock.restore();
  assert.match(String(write.mock.calls[0]?.arguments[0]), /^\{"time":"[^"]+","event":"settle\.done"\}\n$/);
});

test('a line sent elsewhere is one JSON object, whatever is in its fields', () => {
  const lines: string[] = [];
  logTo((line) => lines.push(line));
  logLine('infer.done', { key: 'a\n"b"\u2028', chips: 81, drift: null, verdict: undefined, held: true });
  const [line = ''] = lines;
  assert.equal(line.indexOf('\n'), line.length - 1);
  const { time, ...fields } = JSON.parse(line);
  assert.deepEqual(fields, { event: 'infer.done', key: 'a\n"b"\u2028', chips: 81, drift: null, held: true });
  assert.equal(new Date(time).toISOString(), time);
});
