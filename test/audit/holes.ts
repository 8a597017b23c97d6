import * as z from 'zod';

const viaSchema = z.union([z.string(), z.looseObject({ title: z.string(), url: z.string(), severity: z.string() })]);

/** What `npm audit --json` says of a lockfile: https://docs.npmjs.com/cli/commands/npm-audit */
const reportSchema = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.looseObject({ name: z.string(), severity: z.string(), range: z.string(), via: z.array(viaSchema) }),
  ),
});
/** What it says where nobody could be asked. */
const failureSchema = z.looseObject({ message: z.string().optional(), error: z.unknown() });

/** What stops a release; lower ones come with a pull request of their own time. */
const GRAVE = ['high', 'critical'];

export type Verdict = { kind: 'known'; holes: string[]; lesser: number } | { kind: 'not asked'; why: string };

/** What is known of the packages' holes: a sentence for each grave one; or that nobody could be asked, and why. */
export function verdictOf(text: string): Verdict {
  const json = parsed(text);
  const { success, data } = reportSchema.safeParse(json);
  if (!success) {
    const failure = failureSchema.safeParse(json).data;
    return { kind: 'not asked', why: (failure?.message ?? '') || 'npm audit gave no report' };
  }
  const all = Object.values(data.vulnerabilities);
  const grave = all.filter(({ severity }) => GRAVE.includes(severity));
  const holes = grave.map(({ name, severity, range, via }) => {
    const reasons = via.map((one) => (typeof one === 'string' ? `by ${one}` : `${one.title}: ${one.url}`));
    return `${name} ${range}: ${severity}, ${reasons.join('; ')}. Take a newer version, or one by "overrides" in package.json.`;
  });
  return { kind: 'known', holes, lesser: all.length - grave.length };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
