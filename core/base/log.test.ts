import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { logLine, logTo } from './step.ts';

test('log lines go to stdout, where CloudWatch collects them', async () => {
  const module = new URL('step.ts', import.meta.url).href;
  const script = `import { logLine } from ${JSON.stringify(module)}; logLine('settle.done', {});`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  assert.match(stdout, /^\{"time":"[^"]+","event":"settle\.done"\}\n$/);
});

test('a line sent elsewhere is one JSON object on one line, whatever its fields contain', () => {
  const lines: string[] = [];
  logTo((line) => lines.push(line));
  logLine('infer.done', { key: 'a\n"b"\u2028', chips: 81, drift: null, verdict: undefined, held: true });
  const [line = ''] = lines;
  assert.equal(line.indexOf('\n'), line.length - 1);
  const { time, ...fields } = JSON.parse(line);
  assert.deepEqual(fields, { event: 'infer.done', key: 'a\n"b"\u2028', chips: 81, drift: null, held: true });
  assert.equal(new Date(time).toISOString(), time);
});
