import * as z from 'zod';

/** A CloudFormation template, as CloudFormation would read it once every resource is there. */

const PSEUDO_PARAMETERS = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::URLSuffix': 'amazonaws.com',
} as const;
const HERE = `${PSEUDO_PARAMETERS['AWS::Region']}:${PSEUDO_PARAMETERS['AWS::AccountId']}`;
const LAMBDA = `arn:aws:lambda:${HERE}:function:`;

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown() })),
});
export type Template = z.output<typeof templateSchema>;
export type Resource = Template['Resources'][string];

/** The resources of a type, by their logical ids. */
export function resourcesOf({ Resources }: Template, type: string): [id: string, resource: Resource][] {
  return Object.entries(Resources).filter(([, { Type }]) => Type === type);
}

/** A resource's properties, by its logical id. */
export function propertiesOf<Shape extends z.ZodType>(template: Template, id: string, shape: Shape): z.output<Shape> {
  return shape.parse(template.Resources[id]?.Properties);
}

const queuePolicySchema = z.object({
  Statement: z.array(
    z.object({ Effect: z.string(), Action: z.unknown(), Principal: z.unknown(), Condition: z.unknown() }),
  ),
});

/** Who may send to a queue, by its policy, and on what condition. */
export function sendersOf(policy: unknown): { Principal: unknown; Condition: unknown }[] {
  const allowed = queuePolicySchema.parse(policy).Statement.filter(({ Effect }) => Effect === 'Allow');
  return allowed.map(({ Action, Principal, Condition }) => {
    if (Action !== 'sqs:SendMessage') throw new Error(`a queue allows ${JSON.stringify(Action)}`);
    return { Principal, Condition };
  });
}

/** Replaces every intrinsic function by what it stands for. */
export function resolveTemplate(json: unknown): Template {
  const template = templateSchema.parse(json);
  const { Resources } = template;

  function resolve(node: unknown): unknown {
    if (Array.isArray(node)) return node.map(resolve);
    if (typeof node !== 'object' || node === null) return node;
    const [[name, argument] = ['', undefined], ...others] = Object.entries(node);
    if (others.length === 0 && name === 'Ref') return ref(String(argument));
    if (others.length === 0 && name === 'Fn::GetAtt') return attribute(...(argument as [string, string]));
    if (others.length === 0 && name === 'Fn::Sub') return substitute(argument as string | [string, Variables]);
    if (others.length === 0 && name === 'Fn::Join') {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map(resolve).join(separator);
    }
    if (name.startsWith('Fn::')) throw new Error(`The template uses ${name}, which this test does not know.`);
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolve(value)]));
  }

  function substitute(argument: string | [string, Variables]): string {
    const [text, variables] = typeof argument === 'string' ? [argument, {}] : argument;
    return text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (name in variables) return String(resolve(variables[name]));
      const [id = '', attributeName] = name.split('.');
      return attributeName === undefined ? ref(id) : attribute(id, attributeName);
    });
  }

  function ref(id: string): string {
    if (id in PSEUDO_PARAMETERS) return PSEUDO_PARAMETERS[id as keyof typeof PSEUDO_PARAMETERS];
    const { Type, Properties } = found(id);
    if (Type === 'AWS::StepFunctions::StateMachine') return `arn:aws:states:${HERE}:stateMachine:${nameOf(id)}`;
    if (Type === 'AWS::SNS::Topic') return `arn:aws:sns:${HERE}:${nameOf(id)}`;
    if (Type === 'AWS::SQS::Queue') return `https://sqs.us-east-1.amazonaws.com/123456789012/${nameOf(id)}`;
    if (Type === 'AWS::Lambda::Alias')
      return `${LAMBDA}${resolve(Properties['FunctionName'])}:${resolve(Properties['Name'])}`;
    if (Type === 'AWS::Lambda::Version') return `${LAMBDA}${resolve(Properties['FunctionName'])}:1`;
    return nameOf(id);
  }

  function attribute(id: string, name: string): string {
    if (name === 'LatestVersionNumber') return '1';
    if (name === 'RootResourceId') return `root-of-${nameOf(id)}`;
    const prefix = arnPrefixes[found(id).Type];
    if (name !== 'Arn' || prefix === undefined) throw new Error(`This test does not know ${id}.${name}.`);
    return `${prefix}${nameOf(id)}${found(id).Type === 'AWS::Logs::LogGroup' ? ':*' : ''}`;
  }

  /** The name that a resource was given, or one that shows whose it is. */
  function nameOf(id: string): string {
    const { Properties } = found(id);
    const given = NAMES.find((key) => key in Properties);
    return given === undefined ? `swath-generated-${id}` : String(resolve(Properties[given]));
  }

  function found(id: string): Resource {
    const resource = Resources[id];
    if (resource === undefined) throw new Error(`The template refers to ${id}, which is not there.`);
    return resource;
  }

  return templateSchema.parse(resolve(template));
}

type Variables = Record<string, unknown>;

/** The properties that name a resource. */
const NAMES =
  'BucketName TableName FunctionName StateMachineName LogGroupName AlarmName TopicName QueueName StageName Name ComputeEnvironmentName'.split(
    ' ',
  );

const arnPrefixes: Record<string, string> = {
  'AWS::S3::Bucket': 'arn:aws:s3:::',
  'AWS::DynamoDB::Table': `arn:aws:dynamodb:${HERE}:table/`,
  'AWS::Lambda::Function': LAMBDA,
  'AWS::CloudWatch::Alarm': `arn:aws:cloudwatch:${HERE}:alarm:`,
  'AWS::Logs::LogGroup': `arn:aws:logs:${HERE}:log-group:`,
  'AWS::SQS::Queue': `arn:aws:sqs:${HERE}:`,
  'AWS::Events::Rule': `arn:aws:events:${HERE}:rule/`,
  'AWS::KMS::Key': `arn:aws:kms:${HERE}:key/`,
  'AWS::IAM::Role': 'arn:aws:iam::123456789012:role/',
  'AWS::IAM::InstanceProfile': 'arn:aws:iam::123456789012:instance-profile/',
};

/** The kinds of some resources, in the order of the alphabet, without the word that all of them begin with. */
export function kindsOf(resources: readonly (readonly [string, { Type: string }])[]): string {
  return resources
    .map(([, { Type }]) => Type.replace('AWS::', ''))
    .sort()
    .join(', ');
}
