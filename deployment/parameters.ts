import { errorNamed } from '../core/base/errors.ts';
import { withoutSecrets } from '../core/base/text/withoutSecrets.ts';
import { parameters } from '../core/parameters/parameters.ts';
import needed from './neededParameters.json' with { type: 'json' };

/** A parameter's value, and where it was given: `params.default.driftWindow`, or `--param driftWindow`. */
export type Given = { name: string; value: unknown; where: string };

/** A parameter that cannot be deployed: where it is set, what was found, what is allowed. */
export class InvalidParameter extends errorNamed('InvalidParameter') {}

/** The existing bucket that the parameter inboxBucket names; undefined if the stage has its own inbox. */
export const existingInboxOf = (inboxBucket: string): string | undefined =>
  inboxBucket === '' || inboxBucket === 'own' ? undefined : inboxBucket;

/** Checks parameters. A package may leave alarmEmail open. Throws `InvalidParameter`, a sentence for each problem. */
export function checkParameters(given: Given[], { isDeployment }: { isDeployment: boolean }): void {
  const known = new Map(Object.entries(parameters));
  const problems = given.flatMap(({ name, value, where }) => {
    const parameter = known.get(name);
    if (parameter === undefined)
      return [`${where}: there is no such parameter, allowed are ${[...known.keys()].join(', ')}.`];
    return parameter.schema.safeParse(value).success
      ? []
      : [`${where}: found ${withoutSecrets(JSON.stringify(value))}, allowed is ${parameter.allowed}.`];
  });
  for (const name of known.keys())
    if (!given.some((one) => one.name === name))
      problems.push(`params.default.${name}: found nothing, it must be set.`);
  const email = given.find(({ name }) => name === 'alarmEmail');
  if (isDeployment && email?.value === '')
    problems.push(
      `${email.where}: found nothing, so nobody would be notified of alarms; set an e-mail address, for example with --param="alarmEmail=you@example.org", or "none" on purpose.`,
    );
  const inForce = (name: string) => given.find((one) => one.name === name)?.value;
  const [minimum, window] = [Number(inForce('driftMinimum')), Number(inForce('driftWindow'))];
  if (problems.length === 0 && minimum > window)
    problems.push(
      `driftMinimum: found ${minimum}, allowed is at most driftWindow (${window}): the window that the alarm is about would never have enough.`,
    );
  if (problems.length === 0)
    problems.push(...problemsOfNeeded(inForce), ...problemsOfApi(inForce), ...problemsOfBatch(inForce));
  if (problems.length > 0) throw new InvalidParameter(problems.join('\n'));
}

const problemsOfNeeded = (inForce: (name: string) => unknown): string[] =>
  needed
    .filter((one) => inForce(one.with) !== '' && inForce(one.name) === '')
    .map((one) => `${one.name}: found nothing, ${one.says.replace('{value}', JSON.stringify(inForce(one.with)))}`);

/** How long API Gateway waits for a function. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
const GATEWAY_SECONDS = 29;

function problemsOfApi(inForce: (name: string) => unknown): string[] {
  const containers = Number(inForce('provisionedConcurrency'));
  const none = `provisionedConcurrency: found ${containers}, allowed is 0 as long as api is false: there is no function to keep containers of.`;
  if (String(inForce('api')) !== 'true') return containers === 0 ? [] : [none];
  return ['predictTimeout', 'catalogueTimeout']
    .filter((name) => Number(inForce(name)) > GATEWAY_SECONDS)
    .map(
      (name) =>
        `${name}: found ${inForce(name)}, allowed is at most ${GATEWAY_SECONDS}: API Gateway waits no longer for an answer.`,
    );
}

/** The GiB of Fargate by vCPUs: from, to, in steps of. https://docs.aws.amazon.com/batch/latest/APIReference/API_ResourceRequirement.html */
const FARGATE = { 1: [2, 8, 1], 2: [4, 16, 1], 4: [8, 30, 1], 8: [16, 60, 4], 16: [32, 120, 8] } as const;

function problemsOfBatch(inForce: (name: string) => unknown): string[] {
  if (inForce('batchImage') === '') return [];
  const [vcpus, mib, most] = ['batchVcpus', 'batchMemory', 'batchMaxVcpus'].map((name) => Number(inForce(name)));
  const [from, to, step] = FARGATE[vcpus as keyof typeof FARGATE] ?? [1, 0, 1];
  const gib = mib! / 1024;
  const problems: string[] = [];
  if (vcpus! > most!) problems.push(`batchMaxVcpus: found ${most}, allowed is at least batchVcpus (${vcpus}).`);
  const days = Number(inForce('preparedDays'));
  if (Number(inForce('batchHours')) > 24 * days)
    problems.push(
      `batchHours: found ${inForce('batchHours')}, allowed is at most ${24 * days}, the hours of preparedDays (${days}): the chips that a job reads are deleted after them.`,
    );
  if (Number(inForce('batchGpus')) === 0 && (gib < from || gib > to || gib % step !== 0))
    problems.push(
      `batchMemory: found ${mib} MiB with ${vcpus} vCPUs, allowed on Fargate (batchGpus is 0) is 2 to 8 GiB with 1 vCPU, 4 to 16 with 2, 8 to 30 with 4, 16 to 60 with 8 in steps of 4, 32 to 120 with 16 in steps of 8.`,
    );
  return problems;
}
