import * as z from 'zod';
import { resourcesOf, type Template } from './template.ts';

/** One thing that a role allows. */
export type Grant = { role: string; action: string; resource: string; condition: Condition | undefined };
/** A call, as IAM sees it, and the command that it is made by; `context` holds what conditions look at. */
export type Call = { command: string; action: string; resource: string; context?: Record<string, string> };

type Condition = z.infer<typeof conditionSchema>;
const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const valuesSchema = z.record(z.string(), oneOrMore).default({});
const conditionSchema = z.strictObject({ StringEquals: valuesSchema, StringLike: valuesSchema });
const statementSchema = z.strictObject({
  Effect: z.literal('Allow'),
  Action: oneOrMore,
  Resource: oneOrMore,
  Condition: conditionSchema.optional(),
});
const policySchema = z.object({ PolicyDocument: z.object({ Statement: z.array(statementSchema) }) });
const roleSchema = z.object({ Policies: z.array(policySchema) });
const besideSchema = policySchema.extend({ RoleName: z.string() });

/** All that the template's roles allow, one action on one resource at a time. */
export function grantsOf(template: Template): Grant[] {
  const beside = resourcesOf(template, 'AWS::IAM::RolePolicy').map(([, { Properties }]) =>
    besideSchema.parse(Properties),
  );
  return resourcesOf(template, 'AWS::IAM::Role').flatMap(([role, { Properties }]) =>
    [...roleSchema.parse(Properties).Policies, ...beside.filter(({ RoleName }) => RoleName.endsWith(role))]
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .flatMap(({ Action, Resource, Condition }) =>
        Action.flatMap((action) => Resource.map((resource) => ({ role, action, resource, condition: Condition }))),
      ),
  );
}

/** Whether a grant covers a call. A star is any text, slashes as well. */
export function covers(grant: Grant, { action, resource, context = {} }: Omit<Call, 'command'>): boolean {
  const { StringEquals = {}, StringLike = {} } = grant.condition ?? {};
  const isMet =
    Object.entries(StringEquals).every(([key, values]) => values.includes(context[key] ?? '')) &&
    Object.entries(StringLike).every(([key, patterns]) => patterns.some((pattern) => isLike(context[key], pattern)));
  return grant.action === action && isLike(resource, grant.resource) && isMet;
}

function isLike(text: string | undefined, pattern: string): boolean {
  if (text === undefined) return false;
  const [first = '', ...pieces] = pattern.split('*');
  const last = pieces.pop();
  if (last === undefined) return text === pattern;
  let at = text.startsWith(first) ? first.length : -1;
  for (const piece of pieces) {
    const found = at < 0 ? -1 : text.indexOf(piece, at);
    at = found < 0 ? -1 : found + piece.length;
  }
  return at >= 0 && text.length - last.length >= at && text.endsWith(last);
}
