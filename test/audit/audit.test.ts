import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { verdictOf } from './holes.ts';

const via = { title: 'Prototype pollution in a', url: 'https://github.com/advisories/GHSA-1', severity: 'critical' };
const hole = (name: string, severity: string, reason: unknown = via) => ({
  name,
  severity,
  range: '<2',
  via: [reason],
});

/** A report as npm 11 writes it. */
const reportOf = (...holes: ReturnType<typeof hole>[]) =>
  JSON.stringify({ auditReportVersion: 2, vulnerabilities: Object.fromEntries(holes.map((one) => [one.name, one])) });

/** What npm 11 writes where the registry does not answer such a question. */
const REFUSED = JSON.stringify({
  message: '405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/advisories/bulk',
  error: { summary: '', detail: '' },
});

describe('a report of npm audit', () => {
  test('of no hole, or of lesser ones', () => {
    assert.deepEqual(verdictOf(reportOf()), { kind: 'known', holes: [], lesser: 0 });
    assert.deepEqual(verdictOf(reportOf(hole('a', 'low'), hole('b', 'moderate'))), {
      kind: 'known',
      holes: [],
      lesser: 2,
    });
  });

  test('of grave ones says which, by what, and the way out', () => {
    const verdict = verdictOf(reportOf(hole('a', 'critical'), hole('b', 'high', 'a')));
    assert.equal(verdict.kind, 'known');
    const [first, second] = verdict.kind === 'known' ? verdict.holes : [];
    assert.match(first ?? '', /^a <2: critical, Prototype pollution in a: https:\S+\. Take a newer version, or /);
    assert.match(second ?? '', /^b <2: high, by a\. /);
  });

  for (const [title, given, why] of [
    ['that could not be made', REFUSED, /^405 Method Not Allowed/],
    ['that is none', 'npm error', /^npm audit gave no report$/],
    ['that is empty', '', /^npm audit gave no report$/],
    ['of another kind', '{"auditReportVersion": 3, "vulnerabilities": {}}', /^npm audit gave no report$/],
  ] as const)
    test(`${title} does not pass: no advisories were asked for`, () => {
      const verdict = verdictOf(given);
      assert.equal(verdict.kind, 'not asked');
      assert.match(verdict.kind === 'not asked' ? verdict.why : '', why);
    });
});

describe('the check', () => {
  for (const [title, given, environment, code, says] of [
    ['passes without a hole', reportOf(), {}, 0, /^What ships has no known hole/],
    ['fails with one', reportOf(hole('a', 'high')), {}, 1, /^$/],
    ['says loudly that nobody was asked', REFUSED, {}, 0, /^SKIPPED: nobody knows .*405 Method Not Allowed/],
    ['fails so, where it is required', REFUSED, { SWATH_AUDIT: 'required' }, 1, /^SKIPPED: /],
  ] as const)
    test(title, async () => {
      const script = fileURLToPath(new URL('check.ts', import.meta.url));
      const { SWATH_AUDIT: _, ...others } = process.env;
      const child = spawn(process.execPath, [script], { env: { ...others, ...environment } });
      child.stdin.end(given);
      const [said, [status]] = await Promise.all([text(child.stdout), once(child, 'close')]);
      assert.equal(status, code);
      assert.match(said, says);
    });
});
