import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { checkParameters, type Given } from './parameters.ts';
import type { Serverless } from './serverless.ts';
import { isStageName, stageNameRule } from './stageName.ts';

type Called = Pick<Serverless, 'processedInput' | 'configurationInput'> & {
  getProvider: (name: 'aws') => { getStage: () => string };
};

/** What makes something of the parameters; a stack with a wrong one can still be looked at and removed. */
const CHECKED = ['package', 'deploy', 'deploy function'];

/** Refuses invalid parameters and stage names before anything else happens, with a sentence for each. */
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

/** The parameters that a package was made with, beside its templates. */
const PACKAGED_FILE = 'parameters.json';
const packagedSchema = z.record(z.string(), z.string());

export function writePackaged(folder: string, given: readonly Given[]): void {
  const packaged = Object.fromEntries(given.map(({ name, value }) => [name, String(value)]));
  writeFileSync(join(folder, PACKAGED_FILE), JSON.stringify(packaged, null, 2));
}

/** What was packaged before has its subscriptions and its inbox already: the parameters of now would change nothing. */
function checkPackaged(folder: string, given: readonly Given[]): void {
  const file = join(folder, PACKAGED_FILE);
  if (!existsSync(file))
    throw new Error(`--package ${folder}: found no ${PACKAGED_FILE} in it. Package it again with "sls package".`);
  const packaged = packagedSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  for (const { name, value } of given)
    if (packaged[name] !== String(value))
      throw new Error(
        `${name}: ${folder} was packaged ${packaged[name] === undefined ? 'without it' : `with "${packaged[name]}"`}, and this deployment says "${value}". Package it again with --param="${name}=${value}".`,
      );
}

/** The command line overrides the stage's own parameters, and these the defaults; null counts as absent. */
export function inForce(serverless: Called): Given[] {
  const given = new Map<string, Given>();
  for (const group of ['default', serverless.getProvider('aws').getStage()])
    for (const [name, value] of Object.entries(serverless.configurationInput.params?.[group] ?? {}))
      if (value !== null) given.set(name, { name, value, where: `params.${group}.${name}` });
  for (const text of serverless.processedInput.options.param ?? []) {
    const name = text.slice(0, text.indexOf('='));
    given.set(name, { name, value: text.slice(name.length + 1).trimEnd(), where: `--param ${name}` });
  }
  return [...given.values()];
}
