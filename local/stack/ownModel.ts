import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { orElse } from '../../core/base/errors.ts';
import { SERVING_KEY } from '../../core/base/keys.ts';
import { parseServing } from '../../core/releases/serving.ts';
import { readParameters } from '../../deployment/defaults.ts';

/** The model that the alarms and the console of a folder follow: the first that its `serving.json` names, or serverless.yml's. */
export function ownModel(models: string): string {
  const served = orElse(undefined, () => parseServing(readFileSync(join(models, SERVING_KEY)))[0]!.name);
  return served ?? String(readParameters()['modelName']); // there is none, or it says nothing: who classifies tells of that
}
