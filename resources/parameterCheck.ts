import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { checkParameters, type Given } from './parameters.ts';

/** As much of the Serverless Framework's instance as a plugin needs that looks at the parameters. */
export type Serverless = {
  processedInput: { commands: string[]; options: { param?: string[]; package?: string } };
  configurationInput: { params?: Record<string, Record<string, unknown> | null> };
  getProvider: (name: 'aws') => { getStage: () => string };
  /** An error of this class is shown as its message, without a stack trace. */
  classes: { Error: new (message: string, code: string) => Error };
};

/** What makes something of the parameters; a stack with a wrong one can still be looked at and removed. */
const CHECKED = ['package', 'deploy', 'deploy function'];

/**
 * A plugin of the Serverless Framework, listed in serverless.yml: wrong parameters are refused by `sls package` and
 * `sls deploy` before anything else happens.
 */
export default class ParameterCheck {
  readonly hooks: { initialize: () => void };

  constructor(serverless: Serverless) {
    this.hooks = { initialize: () => check(serverless) };
  }
}

function check(serverless: Serverless): void {
  const command = serverless.processedInput.commands.join(' ');
  if (!CHECKED.includes(command)) return;
  try {
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
function inForce(serverless: Serverless): Given[] {
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
