import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attempt,
  InvalidMessage,
  InvalidSceneFile,
  insteadOf,
  ObjectNotFound,
  ObjectTooLarge,
  onError,
} from './errors.ts';

const missing = new ObjectNotFound('a.tif does not exist.');
const failing = async () => {
  throw missing;
};

test('an error of a kind is handled, and any other is thrown on', async () => {
  assert.equal(await failing().catch(onError(ObjectNotFound, ({ message }) => message)), missing.message);
  assert.equal(await failing().catch(onError([ObjectTooLarge, ObjectNotFound], () => null)), null);
  assert.equal(await failing().catch(onError('ObjectNotFound', () => null)), null);
  await assert.rejects(failing().catch(onError(ObjectTooLarge, () => null)), missing);
  const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
  const write = () => Promise.reject(full);
  assert.equal(await write().catch(onError('ENOSPC', () => null)), null);
  await assert.rejects(write().catch(onError(['ENOENT', ObjectNotFound], () => null)), full);
});

test('an error is thrown on as another one, with its cause', async () => {
  const wrong = insteadOf(ObjectNotFound, (cause) => new InvalidSceneFile('There is no mask.', { cause }));
  await assert.rejects(failing().catch(wrong), { name: 'InvalidSceneFile', cause: missing });
});

test('what is done at once is handled in the same way', () => {
  const refused = onError(InvalidMessage, () => 'refused');
  assert.equal(
    attempt(() => 'done', refused),
    'done',
  );
  const fail = (error: Error) => () => {
    throw error;
  };
  assert.equal(attempt(fail(new InvalidMessage('x')), refused), 'refused');
  assert.throws(() => attempt(fail(missing), refused), missing);
});
