import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answeredKey, requestKey } from '../base/keys.ts';
import { formatOf } from '../scenes/formats/formats.ts';
import { formatsOfCounted } from './formatsOf.ts';

const KEPT = answeredKey('0'.repeat(64));
const heads = {
  answered: '{"answered":{"request":"r","part":0',
  request: '{"id":"r","inputs":[{"values":[1]}]}',
  table: 'A,B\n1,2\n',
};
const refused = { name: 'InvalidSceneFile' };

describe('forged predictions are never read', () => {
  for (const [bucket, key, what, read] of [
    ['results', KEPT, 'answered', 'answered predictions'],
    ['results', KEPT, 'table', null],
    ['results', requestKey('r-17'), 'request', 'request'],
    ['results', requestKey('r-17'), 'answered', 'STAC Item'],
    ['inbox', KEPT, 'answered', null],
    ['inbox', KEPT, 'table', null],
    ['inbox', requestKey('r-17'), 'request', null],
    ['inbox', 'a.request.json', 'request', 'request'],
    ['inbox', 'a.request.json', 'answered', 'STAC Item'],
    ['inbox', 'north/a.jsonl', 'answered', 'STAC Item'],
    ['inbox', `north/${KEPT}`, 'answered', 'STAC Item'],
    ['inbox', 'a.csv', 'table', 'CSV'],
  ] as const)
    test(`${what} under ${key.slice(0, 24)} in ${bucket} is ${read === null ? 'refused' : `read as ${read}`}`, () => {
      const head = new TextEncoder().encode(heads[what]);
      const reading = () => {
        const formats = formatsOfCounted({ bucket, key, versionId: 'v' }, 'results');
        return formatOf({ key, size: head.length }, head, formats).format.name;
      };
      if (read === null) assert.throws(reading, refused);
      else assert.equal(reading(), read);
    });
});
