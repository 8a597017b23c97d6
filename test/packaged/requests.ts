import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { checkQueue } from './checkQueue.ts';
import { propertiesOf, type Template } from './template.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:swath-dev-requests';
const DEAD_LETTERS = `${QUEUE}-dead-letters`;
/** As functions/collect/requests.yml has it: somebody waits for the answer. */
const WINDOW = 2;
const anything = z.looseObject({});

/**
 * What the parameter requests deploys.
 *
 * @param plain the template without it
 */
export function checkRequests(template: Template, plain: Template): void {
  describe('the queue of requests', () => {
    it('is there where the parameter asks for it alone, with its dead letters', () => {
      const isOfRequests = ([id]: [string, unknown]) => /^(Requests|DeadRequests)/.test(id);
      assert.deepEqual(Object.entries(plain.Resources).filter(isOfRequests), []);
      const added = Object.entries(template.Resources).filter(isOfRequests);
      assert.deepEqual(added.map(([id, { Type }]) => `${id} ${Type}`).sort(), [
        'DeadRequestsAlarm AWS::CloudWatch::Alarm',
        'RequestsAlarm AWS::CloudWatch::Alarm',
        'RequestsDeadLetterQueue AWS::SQS::Queue',
        'RequestsDeadLetterQueuePolicy AWS::SQS::QueuePolicy',
        'RequestsQueue AWS::SQS::Queue',
        'RequestsQueuePolicy AWS::SQS::QueuePolicy',
      ]);
    });

    checkQueue(template, {
      ...{ id: 'RequestsQueue', name: 'swath-dev-requests' },
      ...{ arn: QUEUE, deadLetters: DEAD_LETTERS, windowSeconds: WINDOW },
    });

    it('has dead letters that are kept as long', () => {
      assert.deepEqual(propertiesOf(template, 'RequestsDeadLetterQueue', anything), {
        ...{ QueueName: 'swath-dev-requests-dead-letters', SqsManagedSseEnabled: true },
        ...{ MessageRetentionPeriod: 14 * 86_400, VisibilityTimeout: 120 },
      });
    });

    for (const [id, Resource] of [
      ['RequestsQueuePolicy', QUEUE],
      ['RequestsDeadLetterQueuePolicy', DEAD_LETTERS],
    ] as const)
      it(`lets in over TLS alone, and nobody by itself: ${id}`, () => {
        const { PolicyDocument } = propertiesOf(template, id, anything);
        const Condition = { Bool: { 'aws:SecureTransport': false } };
        assert.deepEqual(PolicyDocument, {
          Version: '2012-10-17',
          Statement: [{ Sid: 'TlsOnly', Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource, Condition }],
        });
      });
  });
}
