import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { checkParameters, type Given } from './parameters.ts';
import type { Serverless } from './serverless.ts';

/** A call of the Serverless Framework, with the parameters that it was given. */
type Called = Pick<Serverless, 'processedInput' | 'configurationInput'> & {
  getProvider: (name: 'aws') => { getStage: () => string };
};

/** What makes something of the parameters; a stack with a wrong one can still be looked at and removed. */
const CHECKED = ['package', 'deploy', 'deploy function'];

/**
 * Refuses wrong parameters, and a stage whose name does not do, before anything else happens.
 *
 * @throws with a sentence for each one that is wrong
 */
export function checkCall(serverless: Called & Pick<Serverless, 'classes'>): void {
  const command = serverless.processedInput.commands.join(' ');
  if (!CHECKED.includes(command)) return;
  try {
    checkStage(serverless.getProvider('aws').getStage());
    const given = inForce(serverless);
    checkParameters(given, { isDeployment: command === 'deploy' });
    const { package: folder } = serverless.processedInput.options;
    if (command === 'deploy' && folder !== undefined) checkPackaged(folder, given);
  } catch (error) {
    throw new serverless.classes.Error((error as Error).message, 'INVALID_PARAMETER');
  }
}

/** A bucket's name ends at 63 characters, of which ours leave 20 in the region with the longest name. */
const MAX_STAGE_CHARACTERS = 20;

function checkStage(stage: string): void {
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(stage) && stage.length <= MAX_STAGE_CHARACTERS) return;
  throw new Error(
    `--stage: found ${JSON.stringify(stage)}, allowed are up to ${MAX_STAGE_CHARACTERS} lower-case letters, digits and hyphens, because buckets are named after it.`,
  );
}

const templateSchema = z.object({
  Resources: z.looseObject({
    AlarmSubscription: z.object({ Properties: z.object({ Endpoint: z.string() }) }).optional(),
  }),
});

/** What was packaged before has its subscription already, or has none: the parameter of now would change nothing. */
function checkPackaged(folder: string, given: Given[]): void {
  const template = readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
  const packaged =
    templateSchema.parse(JSON.parse(template)).Resources.AlarmSubscription?.Properties.Endpoint ?? 'none';
  const alarmEmail = String(given.find(({ name }) => name === 'alarmEmail')?.value);
  if (packaged === alarmEmail) return;
  throw new Error(
    `alarmEmail: ${folder} was packaged with "${packaged}", and this deployment says "${alarmEmail}". Package it again with --param="alarmEmail=${alarmEmail}".`,
  );
}

/** The command line wins over the stage's own parameters, and these over the defaults; null is as good as none. */
export function inForce(serverless: Called): Given[] {
  const given = new Map<string, Given>();
  for (const group of ['default', serverless.getProvider('aws').getStage()]) {
    for (const [name, value] of Object.entries(serverless.configurationInput.params?.[group] ?? {})) {
      if (value !== null) given.set(name, { name, value, where: `params.${group}.${name}` });
    }
  }
  for (const text of serverless.processedInput.options.param ?? []) {
    const name = text.slice(0, text.indexOf('='));
    given.set(name, { name, value: text.slice(name.length + 1).trimEnd(), where: `--param ${name}` });
  }
  return [...given.values()];
}
