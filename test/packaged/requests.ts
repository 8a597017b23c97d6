import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { checkQueue } from './checkQueue.ts';
import { propertiesOf, sendersOf, type Template } from './template.ts';

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
    it('exists only with its parameter, and shares the dead-letter queue', () => {
      assert.deepEqual(
        Object.keys(plain.Resources).filter((id) => id.startsWith('Requests')),
        [],
      );
      const added = Object.entries(template.Resources).filter(
        ([id]) => /^Requests|Dead/.test(id) && !(id in plain.Resources),
      );
      assert.deepEqual(added.map(([id, { Type }]) => `${id} ${Type}`).sort(), [
        'RequestsAlarm AWS::CloudWatch::Alarm',
        'RequestsQueue AWS::SQS::Queue',
        'RequestsQueuePolicy AWS::SQS::QueuePolicy',
      ]);
    });

    checkQueue(template, 'requests', WINDOW);

    it('leaves the queue of dead letters as it is, which events have as well', () => {
      for (const id of ['DeadLetterQueue', 'DeadLettersAlarm'])
        assert.deepEqual(propertiesOf(template, id, anything), propertiesOf(plain, id, anything));
    });

    it('grants nobody access by itself', () => {
      assert.deepEqual(sendersOf(propertiesOf(template, 'RequestsQueuePolicy', anything)['PolicyDocument']), []);
    });
  });
}
