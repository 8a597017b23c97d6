import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { checkParameters, existingInboxOf, type Given } from './parameters.ts';
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
  Outputs: z.looseObject({ InboxBucket: z.object({ Value: z.object({ 'Fn::Sub': z.string() }) }) }),
});

/** What was packaged before has its subscription and its inbox already: the parameters of now would change nothing. */
function checkPackaged(folder: string, given: Given[]): void {
  const text = readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
  const { Resources, Outputs } = templateSchema.parse(JSON.parse(text));
  const inbox = Outputs.InboxBucket.Value['Fn::Sub'];
  const now = (name: string) => String(given.find((one) => one.name === name)?.value);
  for (const { name, packaged, said } of [
    {
      name: 'alarmEmail',
      packaged: Resources.AlarmSubscription?.Properties.Endpoint ?? 'none',
      said: now('alarmEmail'),
    },
    {
      name: 'inboxBucket',
      packaged: /\$\{/.test(inbox) ? 'own' : inbox,
      said: existingInboxOf(now('inboxBucket')) ?? 'own',
    },
  ])
    if (packaged !== said)
      throw new Error(
        `${name}: ${folder} was packaged with "${packaged}", and this deployment says "${said}". Package it again with --param="${name}=${said}".`,
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
