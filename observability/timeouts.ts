import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';

const DEFINITION = new URL('../stepfunctions/pipeline.yml', import.meta.url);

const taskSchema = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });

/** The functions that the state machine calls, by their names: read from its definition. */
export function readTaskNames(): string[] {
  const names = new Set<string>();
  JSON.stringify(parse(readFileSync(DEFINITION, 'utf8'), { merge: true }), (key, value) => {
    const task = key === 'Resource' ? taskSchema.safeParse(value) : undefined;
    if (task?.success) names.add(task.data['Fn::GetAtt'][0]);
    return value;
  });
  return [...names];
}

/** The parameter that sets a function's time-out. */
export const timeoutParameter = (name: string): string => `${name}Timeout`;
