import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const PROJECT = new URL('../', import.meta.url);

const taskSchema = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });
const functionSchema = z.looseObject({ timeout: z.number() });

/**
 * The time-outs, in seconds, of the functions that the state machine calls, by their names: read from where they are
 * deployed from, stepfunctions/pipeline.yml and each function's own function.yml.
 */
export function readTimeouts(): Record<string, number> {
  const names = new Set<string>();
  JSON.stringify(readYaml('stepfunctions/pipeline.yml'), (key, value) => {
    const task = key === 'Resource' ? taskSchema.safeParse(value) : undefined;
    if (task?.success) names.add(task.data['Fn::GetAtt'][0]);
    return value;
  });
  return Object.fromEntries(
    [...names].map((name) => [name, functionSchema.parse(readYaml(`functions/${name}/function.yml`)).timeout]),
  );
}

function readYaml(path: string): unknown {
  return parse(readFileSync(new URL(path, PROJECT), 'utf8'), { merge: true });
}
