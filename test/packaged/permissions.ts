import * as z from 'zod';
import { resourcesOf, type Template } from './template.ts';

/** One thing that a role allows. */
export type Grant = { role: string; action: string; resource: string; condition: Condition | undefined };
/** A call, as IAM sees it, and the command that it is made by; `context` holds what conditions look at. */
export type Call = { command: string; action: string; resource: string; context?: Record<string, string> };

type Condition = z.infer<typeof conditionSchema>;
const conditionSchema = z.strictObject({ StringEquals: z.record(z.string(), z.string()) });
const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const statementSchema = z.strictObject({
  Effect: z.literal('Allow'),
  Action: oneOrMore,
  Resource: oneOrMore,
  Condition: conditionSchema.optional(),
});
const roleSchema = z.object({
  Policies: z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(statementSchema) }) })),
});

/** All that the template's roles allow, one action on one resource at a time. */
export function grantsOf(template: Template): Grant[] {
  return resourcesOf(template, 'AWS::IAM::Role').flatMap(([role, { Properties }]) =>
    roleSchema
      .parse(Properties)
      .Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .flatMap(({ Action, Resource, Condition }) =>
        Action.flatMap((action) => Resource.map((resource) => ({ role, action, resource, condition: Condition }))),
      ),
  );
}

/** Whether a grant covers a call. A wildcard stands at a resource's end or nowhere. */
export function covers(grant: Grant, { action, resource, context = {} }: Omit<Call, 'command'>): boolean {
  const isMet = Object.entries(grant.condition?.StringEquals ?? {}).every(([key, value]) => context[key] === value);
  const isNamed = grant.resource.endsWith('*')
    ? resource.startsWith(grant.resource.slice(0, -1))
    : grant.resource === resource;
  return grant.action === action && isNamed && isMet;
}
