import * as z from 'zod';

const partSchema = z.object({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string() })).default({}),
  Outputs: z.record(z.string(), z.unknown()).default({}),
});
const propertiesSchema = z.looseObject({ NotificationConfiguration: z.unknown().optional() });
export type StorageTemplate = z.output<typeof partSchema> & { AWSTemplateFormatVersion: string; Description: string };

/** The output that says whether what is stored goes with the stage. */
export const THROW_AWAY_OUTPUT = 'ThrowAway';

/**
 * The template of what outlives the stack, from `custom.storage` in serverless.yml, without the part of an inbox that exists
 * already. If arrivals are gathered, it does not say whom the inbox tells, which ./ownInbox.ts does and no update undoes.
 */
export function storageTemplate(
  parts: unknown,
  { isThrowAway, hasOwnInbox, isGathered }: { isThrowAway: boolean; hasOwnInbox: boolean; isGathered: boolean },
): StorageTemplate {
  const { inbox: whole, ...others } = z.record(z.string(), partSchema).parse(parts);
  const inbox = isGathered && whole !== undefined ? withoutNotifications(whole) : whole;
  const read = Object.values(hasOwnInbox && inbox !== undefined ? { inbox, ...others } : others);
  const own = { [THROW_AWAY_OUTPUT]: { Value: String(isThrowAway) } };
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Swath: what came in, what came of it, and the models',
    Resources: Object.assign({}, ...read.map(({ Resources }) => Resources)),
    Outputs: Object.assign({}, ...read.map(({ Outputs }) => Outputs), own),
  };
}

function withoutNotifications({ Resources, Outputs }: z.output<typeof partSchema>): z.output<typeof partSchema> {
  const untold = Object.entries(Resources).map(([id, resource]) => {
    const { NotificationConfiguration: _, ...Properties } = propertiesSchema.parse(resource['Properties'] ?? {});
    return [id, { ...resource, ...('Properties' in resource && { Properties }) }];
  });
  return { Resources: Object.fromEntries(untold), Outputs };
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
