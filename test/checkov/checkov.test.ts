import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { REASONS } from './reasons.ts';
import { parseReport, type Report, unexplained } from './unexplained.ts';

const reasons = [{ check: 'CKV_1', about: 'a', why: 'because', resources: ['B.one', 'B.two'] }];
const check = (check_id: string, resource: string) => ({ check_id, check_name: 'Ensure that', resource });

/** A report in which all is as the reasons say, but for what is said otherwise. */
function reportOf(results: Partial<Report['results']> = {}, parsing_errors = 0): Report {
  return {
    results: {
      passed_checks: [check('CKV_2', 'B.one')],
      failed_checks: [check('CKV_1', 'B.one'), check('CKV_1', 'B.two')],
      skipped_checks: [],
      ...results,
    },
    summary: { parsing_errors, checkov_version: '1' },
  };
}

describe('a report of checkov', () => {
  test('in which each failed check has its reason is fine', () => {
    assert.deepEqual(unexplained(reportOf(), reasons), []);
  });

  const failing = (...more: ReturnType<typeof check>[]) =>
    reportOf({ failed_checks: [...reportOf().results.failed_checks, ...more] });
  for (const [title, report, says] of [
    [
      'a check that fails without a reason',
      failing(check('CKV_3', 'B.one')),
      /^B\.one: CKV_3 has failed \(Ensure that\)\. Mend it, or say in test\/checkov\/reasons\.ts/,
    ],
    ['one that has a reason on another resource', failing(check('CKV_1', 'B.three')), /^B\.three: CKV_1 has failed/],
    [
      'a reason for what is mended',
      reportOf({ failed_checks: [check('CKV_1', 'B.one')] }),
      /^CKV_1 B\.two: does not fail any more/,
    ],
    [
      'a check that a template skips by itself',
      reportOf({ skipped_checks: [check('CKV_3', 'B.one')] }),
      /^B\.one: CKV_3 is skipped by the template itself/,
    ],
    ['a template that could not be read', reportOf({}, 1), /^1 templates could not be read/],
    ['one that has looked at nothing', reportOf({ passed_checks: [] }), /^no check has passed/],
  ] as const)
    test(`lists ${title}`, () => {
      const [problem = '', ...others] = unexplained(report, reasons);
      assert.match(problem, says);
      assert.deepEqual(others, []);
    });

  test('is refused if checkov found no template', () => {
    assert.throws(() => parseReport('{"passed": 0, "failed": 0, "resource_count": 0, "checkov_version": "1"}'));
  });
});

test('each reason is a sentence about a check and resources of their own', () => {
  const all = REASONS.flatMap(({ check: id, resources }) => resources.map((one) => `${id} ${one}`));
  assert.equal(new Set(all).size, all.length);
  for (const { check: id, why, resources } of REASONS) {
    assert.match(id, /^CKV2?_AWS_\d+$/);
    assert.match(why, /^[A-Z].{40,}\.$/);
    assert.ok(resources.length > 0);
  }
});
