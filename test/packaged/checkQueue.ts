import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as z from 'zod';
import { readParameters } from '../../deployment/defaults.ts';
import { propertiesOf, resourcesOf, type Template } from './template.ts';

const ARN = 'arn:aws:sqs:us-east-1:123456789012:swath-dev-';

/** What a queue is that the function collect gathers from. */
export function checkQueue(template: Template, name: string, windowSeconds: number): void {
  const arn = `${ARN}${name}`;
  const id = `${name[0]!.toUpperCase()}${name.slice(1)}Queue`;

  it('hides a message for six calls and a window, and gives it up after five of them', () => {
    const { VisibilityTimeout, ...queue } = propertiesOf(template, id, z.looseObject({}));
    assert.equal(VisibilityTimeout, 6 * Number(readParameters()['collectTimeout']) + windowSeconds);
    assert.deepEqual(queue, {
      QueueName: `swath-dev-${name}`,
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 86_400,
      RedrivePolicy: { deadLetterTargetArn: `${ARN}dead-letters`, maxReceiveCount: 5 },
    });
  });

  it('hands 500 messages on, or what came within the window; those that are refused come again by themselves', () => {
    const mappings = resourcesOf(template, 'AWS::Lambda::EventSourceMapping');
    const [, mapping] = mappings.find(([, { Properties }]) => Properties['EventSourceArn'] === arn)!;
    assert.partialDeepStrictEqual(mapping.Properties, {
      EventSourceArn: arn,
      BatchSize: 500,
      MaximumBatchingWindowInSeconds: windowSeconds,
      Enabled: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    assert.match(String(mapping.Properties['FunctionName']), /:function:swath-dev-collect$/);
  });
}
