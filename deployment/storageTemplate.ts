import * as z from 'zod';

const partSchema = z.object({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string() })).default({}),
  Outputs: z.record(z.string(), z.unknown()).default({}),
});
export type StorageTemplate = z.output<typeof partSchema> & { AWSTemplateFormatVersion: string; Description: string };

/** The template of what outlives the stack, from the parts that `custom.storage` in serverless.yml has. */
export function storageTemplate(parts: unknown): StorageTemplate {
  const read = Object.values(z.record(z.string(), partSchema).parse(parts));
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Swath: what came in, what came of it, and the models',
    Resources: Object.assign({}, ...read.map(({ Resources }) => Resources)),
    Outputs: Object.assign({}, ...read.map(({ Outputs }) => Outputs)),
  };
}

/**
 * The same with plain names: only by such does CloudFormation take up a resource that is there.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
 */
export function withPlainNames(template: StorageTemplate, account: string, region: string): StorageTemplate {
  const text = JSON.stringify(template, (key, value) =>
    key === 'BucketName' && typeof value?.['Fn::Sub'] === 'string'
      ? value['Fn::Sub'].replaceAll(/\$\{AWS::AccountId\}/g, account).replaceAll(/\$\{AWS::Region\}/g, region)
      : value,
  );
  return JSON.parse(text);
}
