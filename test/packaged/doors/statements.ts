import * as z from 'zod';
import type { Template } from '../template.ts';

/** One statement of a policy, whoever's it is: a role's, of who may take a role, or of a resource. */
export type Statement = {
  /** The logical id of what it belongs to. */
  owner: string;
  kind: 'grant' | 'trust' | 'resource';
  isAllow: boolean;
  actions: string[];
  resources: string[];
  /** As `AWS arn:…`, `Service lambda.amazonaws.com` or `*`; none in a role's own policy. */
  principals: string[];
  condition: Record<string, Record<string, unknown>>;
};

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
/** Strict: NotAction, NotResource and NotPrincipal allow whatever nobody thought of. */
const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.literal(['Allow', 'Deny']),
  Action: oneOrMore,
  Resource: oneOrMore.default([]),
  Principal: z.union([z.literal('*'), z.record(z.string(), oneOrMore)]).optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
const documentSchema = z.object({
  Statement: z.union([z.array(statementSchema), statementSchema.transform((one) => [one])]),
});
const roleSchema = z.looseObject({
  AssumeRolePolicyDocument: documentSchema,
  Policies: z.array(z.object({ PolicyDocument: documentSchema })).default([]),
});

const rolePolicySchema = z.looseObject({ RoleName: z.string(), PolicyDocument: documentSchema });

/** Where a resource's own policy stands. */
const POLICY_OF: Record<string, string> = {
  'AWS::S3::BucketPolicy': 'PolicyDocument',
  'AWS::SQS::QueuePolicy': 'PolicyDocument',
  'AWS::SNS::TopicPolicy': 'PolicyDocument',
  'AWS::KMS::Key': 'KeyPolicy',
};

/** Every statement of every policy in the template. */
export function statementsOf({ Resources }: Template): Statement[] {
  return Object.entries(Resources).flatMap(([owner, { Type, Properties }]) => {
    const read = (document: z.output<typeof documentSchema>, kind: Statement['kind']) =>
      document.Statement.map((one) => toStatement(one, owner, kind));
    if (Type === 'AWS::IAM::Role') {
      const { AssumeRolePolicyDocument, Policies } = roleSchema.parse(Properties);
      return [
        ...Policies.flatMap(({ PolicyDocument }) => read(PolicyDocument, 'grant')),
        ...read(AssumeRolePolicyDocument, 'trust'),
      ];
    }
    if (Type === 'AWS::IAM::RolePolicy') {
      const { RoleName, PolicyDocument } = rolePolicySchema.parse(Properties);
      return PolicyDocument.Statement.map((one) => toStatement(one, RoleName.split('-').at(-1)!, 'grant'));
    }
    if (Type === 'AWS::Lambda::Permission') return [permissionOf(owner, permissionSchema.parse(Properties))];
    const property = POLICY_OF[Type];
    return property === undefined ? [] : read(documentSchema.parse(Properties[property]), 'resource');
  });
}

/** Strict, as above: a permission may be about an account's users or a function's URL. */
const permissionSchema = z.strictObject({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
});

/** Who may call a function, as Lambda writes it into the function's own policy. */
function permissionOf(
  owner: string,
  { Action, FunctionName, Principal, SourceArn }: z.output<typeof permissionSchema>,
): Statement {
  return {
    owner,
    kind: 'resource',
    isAllow: true,
    actions: [Action],
    resources: [FunctionName],
    principals: [Principal === '*' ? '*' : `Service ${Principal}`],
    condition: SourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': SourceArn } },
  };
}

function toStatement(
  { Effect, Action, Resource, Principal = {}, Condition }: z.output<typeof statementSchema>,
  owner: string,
  kind: Statement['kind'],
): Statement {
  const principals =
    Principal === '*' ? ['*'] : Object.entries(Principal).flatMap(([of, names]) => names.map((one) => `${of} ${one}`));
  return {
    owner,
    kind,
    isAllow: Effect === 'Allow',
    principals,
    condition: Condition,
    actions: Action,
    resources: Resource,
  };
}
