import { errorNamed } from '../core/base/errors.ts';
import { withoutSecrets } from '../core/base/text/withoutSecrets.ts';
import { parameters } from '../core/parameters/parameters.ts';

/** A parameter's value, and where it was given: `params.default.driftWindow`, or `--param driftWindow`. */
export type Given = { name: string; value: unknown; where: string };

/** A parameter that cannot be deployed: where it is set, what was found, what is allowed. */
export class InvalidParameter extends errorNamed('InvalidParameter') {}

/** The existing bucket that the parameter inboxBucket names; undefined if the stage has its own inbox. */
export function existingInboxOf(inboxBucket: string): string | undefined {
  return inboxBucket === '' || inboxBucket === 'own' ? undefined : inboxBucket;
}

/**
 * Checks the service's parameters before they are used. A package may leave alarmEmail open; a deployment may not: it must not be
 * silent by an oversight.
 *
 * @param given what is in force, each parameter once
 * @throws {InvalidParameter} with a sentence for each one that is invalid, unknown or missing
 */
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
  if (problems.length === 0) problems.push(...problemsOfApi(inForce), ...problemsOfBatch(inForce));
  if (problems.length === 0 && inForce('modelWatch') !== '' && inForce('mlflowTrackingUri') === '')
    problems.push(
      `mlflowTrackingUri: found nothing, allowed is the address of the registry of modelWatch (${JSON.stringify(inForce('modelWatch'))}).`,
    );
  if (problems.length > 0) throw new InvalidParameter(problems.join('\n'));
}

/** How long API Gateway waits for a function. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
const GATEWAY_SECONDS = 29;

function problemsOfApi(inForce: (name: string) => unknown): string[] {
  const containers = Number(inForce('provisionedConcurrency'));
  if (String(inForce('api')) !== 'true')
    return containers === 0
      ? []
      : [
          `provisionedConcurrency: found ${containers}, allowed is 0 as long as api is false: there is no function to keep containers of.`,
        ];
  return ['predictTimeout', 'catalogueTimeout']
    .filter((name) => Number(inForce(name)) > GATEWAY_SECONDS)
    .map(
      (name) =>
        `${name}: found ${inForce(name)}, allowed is at most ${GATEWAY_SECONDS}: API Gateway waits no longer for an answer.`,
    );
}

/** Jobs that would never start. Fargate's sizes: https://docs.aws.amazon.com/batch/latest/APIReference/API_ResourceRequirement.html */
function problemsOfBatch(inForce: (name: string) => unknown): string[] {
  if (inForce('batchImage') === '') return [];
  const [vcpus, mib, gpus, most] = ['batchVcpus', 'batchMemory', 'batchGpus', 'batchMaxVcpus'].map((name) =>
    Number(inForce(name)),
  ) as [number, number, number, number];
  const problems = ['batchSubnets', 'batchSecurityGroups']
    .filter((name) => inForce(name) === '')
    .map((name) => `${name}: found nothing, it must be set with batchImage: jobs run in your network.`);
  if (vcpus > most) problems.push(`batchMaxVcpus: found ${most}, allowed is at least batchVcpus (${vcpus}).`);
  if (gpus > 0) return problems;
  if (![1, 2, 4, 8, 16].includes(vcpus))
    return [...problems, `batchVcpus: found ${vcpus}, allowed on Fargate (batchGpus is 0) is 1, 2, 4, 8 or 16.`];
  const [least, step, largest] = [2 * vcpus, vcpus < 8 ? 1 : vcpus / 2, (vcpus < 4 ? 8 : 7.5) * vcpus];
  if (mib < 1024 * least || mib > 1024 * largest || mib % (1024 * step) !== 0)
    problems.push(
      `batchMemory: found ${mib}, allowed on Fargate with ${vcpus} vCPUs is ${1024 * least} to ${1024 * largest} in steps of ${1024 * step}.`,
    );
  return problems;
}
