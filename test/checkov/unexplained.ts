import * as z from 'zod';
import type { Reason } from './reasons.ts';

const checkSchema = z.object({ check_id: z.string(), check_name: z.string(), resource: z.string() });

/** What `checkov --output json` says, as far as it is looked at. */
const reportSchema = z.object({
  results: z.object({
    passed_checks: z.array(checkSchema),
    failed_checks: z.array(checkSchema),
    skipped_checks: z.array(checkSchema),
  }),
  summary: z.object({ parsing_errors: z.number(), checkov_version: z.string() }),
});
export type Report = z.output<typeof reportSchema>;

/** @throws {ZodError} for what is no report, such as that of a run which found nothing to look at */
export function parseReport(text: string): Report {
  return reportSchema.parse(JSON.parse(text));
}

/** What has no reason in the report, and which reason is for nothing in it: a sentence each. */
export function unexplained({ results, summary }: Report, reasons: readonly Reason[]): string[] {
  const idOf = (check: string, resource: string) => `${check} ${resource}`;
  const failed = new Map(results.failed_checks.map((one) => [idOf(one.check_id, one.resource), one]));
  const allowed = new Set(reasons.flatMap(({ check, resources }) => resources.map((one) => idOf(check, one))));
  return [
    ...(summary.parsing_errors > 0 ? [`${summary.parsing_errors} templates could not be read`] : []),
    ...(results.passed_checks.length === 0 ? ['no check has passed, so nothing was looked at'] : []),
    ...results.skipped_checks.map(
      ({ check_id, resource }) =>
        `${resource}: ${check_id} is skipped by the template itself. Take that out, and say in test/checkov/reasons.ts why it is well.`,
    ),
    ...[...failed]
      .filter(([id]) => !allowed.has(id))
      .map(
        ([, { check_id, check_name, resource }]) =>
          `${resource}: ${check_id} has failed (${check_name}). Mend it, or say in test/checkov/reasons.ts why it is well.`,
      ),
    ...[...allowed]
      .filter((id) => !failed.has(id))
      .map((id) => `${id}: does not fail any more. Take its reason out of test/checkov/reasons.ts.`),
  ];
}
