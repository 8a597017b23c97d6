import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { checkParameters, existingInboxOf, type Given } from './parameters.ts';
import type { Serverless } from './serverless.ts';
import { isStageName, stageNameRule } from './stageName.ts';

type Called = Pick<Serverless, 'processedInput' | 'configurationInput'> & {
  getProvider: (name: 'aws') => { getStage: () => string };
};

/** What makes something of the parameters; a stack with a wrong one can still be looked at and removed. */
const CHECKED = ['package', 'deploy', 'deploy function'];

/**
 * Refuses invalid parameters and stage names before anything else happens.
 *
 * @throws with a sentence for each invalid one
 */
export function checkCall(serverless: Called & Pick<Serverless, 'classes'>): void {
  const command = serverless.processedInput.commands.join(' ');
  try {
    // To be removed, too: what has such a name is another stage's.
    const stage = serverless.getProvider('aws').getStage();
    if ([...CHECKED, 'remove'].includes(command) && !isStageName(stage))
      throw new Error(`--stage: found ${JSON.stringify(stage)}, allowed is ${stageNameRule}.`);
    if (!CHECKED.includes(command)) return;
    const given = inForce(serverless);
    checkParameters(given, { isDeployment: command === 'deploy' });
    const { package: folder } = serverless.processedInput.options;
    if (command === 'deploy' && folder !== undefined) checkPackaged(folder, given);
  } catch (error) {
    throw new serverless.classes.Error((error as Error).message, 'INVALID_PARAMETER');
  }
}

const templateSchema = z.object({
  Resources: z.looseObject({
    AlarmSubscription: z.object({ Properties: z.object({ Endpoint: z.string() }) }).optional(),
  }),
  Outputs: z.looseObject({
    InboxBucket: z.object({ Value: z.object({ 'Fn::Sub': z.string() }) }),
    ObservedParameters: z.object({ Value: z.object({ 'Fn::Sub': z.string() }) }),
  }),
});
const observedSchema = z.object({ alarmWebhook: z.string().default('') });

/** What was packaged before has its subscriptions and its inbox already: the parameters of now would change nothing. */
function checkPackaged(folder: string, given: Given[]): void {
  const text = readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
  const { Resources, Outputs } = templateSchema.parse(JSON.parse(text));
  const inbox = Outputs.InboxBucket.Value['Fn::Sub'];
  const now = (name: string) => String(given.find((one) => one.name === name)?.value);
  const email = Resources.AlarmSubscription?.Properties.Endpoint ?? 'none';
  for (const [name, packaged, said] of [
    ['alarmEmail', email, now('alarmEmail')],
    [
      'alarmWebhook',
      observedSchema.parse(JSON.parse(Outputs.ObservedParameters.Value['Fn::Sub'])).alarmWebhook,
      now('alarmWebhook'),
    ],
    ['inboxBucket', inbox.includes('${') ? 'own' : inbox, existingInboxOf(now('inboxBucket')) ?? 'own'],
  ])
    if (packaged !== said)
      throw new Error(
        `${name}: ${folder} was packaged with "${packaged}", and this deployment says "${said}". Package it again with --param="${name}=${said}".`,
      );
}

/** The command line overrides the stage's own parameters, and these the defaults; null counts as absent. */
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
