import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvalidMessage } from '../../base/errors.ts';
import { assertReply, parseRequest } from './request.ts';

const OWN = 'https://sqs.eu-central-1.amazonaws.com/111122223333/swath-dev-requests';
const inputs = [{ values: [1] }];

test('a request of exactly the allowed number of bytes is read, and one byte more is refused', () => {
  const text = JSON.stringify({ id: 'a', inputs: [{ image: 'AAAA' }] });
  assert.equal(parseRequest(text, text.length).id, 'a');
  assert.throws(() => parseRequest(text, text.length - 1), {
    message: new RegExp(`has ${text.length} bytes, allowed are`),
  });
});

test('a request is read with or without its optional members', () => {
  assert.deepEqual(parseRequest(JSON.stringify({ id: 'r-17', inputs })), {
    id: 'r-17',
    model: null,
    inputs,
    replyTo: null,
  });
  assert.deepEqual(parseRequest(JSON.stringify({ id: 'r', model: 'digits', replyTo: null, inputs })).model, {
    name: 'digits',
    version: null,
  });
  const whole = { id: 'R.1_a', model: 'digits/1.0.0', replyTo: OWN, inputs: [1, null, {}] };
  assert.deepEqual(parseRequest(JSON.stringify(whole)), { ...whole, model: { name: 'digits', version: '1.0.0' } });
});

describe('an invalid request is refused with what was found and what is allowed', () => {
  const long = 'x'.repeat(65);
  const cases: [what: string, message: unknown, says: RegExp][] = [
    ['no JSON', 'hello', /found a text that starts with “hello” and is not JSON, allowed is a JSON object with id and/],
    ['an empty text', '', /found a text that starts with “” and is not JSON/],
    ['a list', [1], /^The request cannot be taken: found a list of 1, allowed is a JSON object\.$/],
    ['null', null, /found null, allowed is a JSON object/],
    ['no id', { inputs }, /id: found nothing, allowed is a name of at most 64 letters/],
    ['an id that is a path', { id: '../r', inputs }, /id: found “\.\.\/r”, allowed is a name/],
    ['an id that is too long', { id: long, inputs }, /id: found “x{40}”, allowed is a name/],
    ['an id that Windows reserves', { id: 'con', inputs }, /id: found “con”, allowed is a name/],
    [
      'no inputs',
      { id: 'r' },
      /^The request r cannot be taken: inputs: found nothing, allowed is a list of 1 to 1000\.$/,
    ],
    ['an empty list of inputs', { id: 'r', inputs: [] }, /inputs: found a list of 0, allowed is a list of 1 to 1000/],
    ['too many', { id: 'r', inputs: Array(1001).fill(1) }, /inputs: found a list of 1001, allowed is a list of 1 to/],
    [
      'another member',
      { id: 'r', inputs, reply_to: 'q' },
      /found the members “reply_to”, allowed are id, model, inputs/,
    ],
    [
      'a model whose version is not a valid name',
      { id: 'r', inputs, model: 'a/..' },
      /model: found “a\/\.\.”, allowed is/,
    ],
    ['a model that is a path', { id: 'r', inputs, model: 'a/b/c' }, /model: found “a\/b\/c”, allowed is "name" or/],
    [
      'a model without a name',
      { id: 'r', inputs, model: '/1' },
      /model: found “\/1”, allowed is "name" or "name\/version"/,
    ],
    [
      'an address that is no queue',
      { id: 'r', inputs, replyTo: 'https://a.b/c' },
      /replyTo: found .* the URL of a standard/,
    ],
    ['a FIFO queue', { id: 'r', inputs, replyTo: `${OWN}.fifo` }, /replyTo: found .* a standard queue of SQS/],
    ['two offences', { id: '', inputs: {} }, /id: found “”, allowed .*; inputs: found an object, allowed is a list/],
  ];
  for (const [what, message, says] of cases)
    test(what, () => {
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      const isRefused = (error: Error) => error instanceof InvalidMessage && says.test(error.message);
      assert.throws(() => parseRequest(text), isRefused);
    });
});

test('of many offences, five are said', () => {
  const replyTo = `${'x'.repeat(301)}`;
  const text = JSON.stringify({ id: '', model: '/', inputs: {}, replyTo, more: 1 });
  assert.throws(
    () => parseRequest(text),
    ({ message }: Error) => message.split('; ').length === 5 && message.startsWith('The request cannot be taken: id: '),
  );
});

describe('the parameter decides the queues that an answer may go to:', () => {
  const beside = (name: string) => OWN.replace('swath-dev-requests', name);
  const arn = (name: string, account = '111122223333') => `arn:aws:sqs:eu-central-1:${account}:${name}`;
  const [prefix, arns] = ['swath-answers*', `${arn('ours')},${arn('team-b')}`];

  for (const [replyTo, replyQueues] of [
    [null, ''],
    [beside('swath-answers'), prefix],
    [beside('swath-answers-b'), prefix],
    [beside('ours'), arns],
    [beside('team-b'), arns],
  ] as const)
    test(`${replyTo} of ${replyQueues}`, () => assertReply({ id: 'r', replyTo }, OWN, replyQueues));

  for (const [replyTo, replyQueues] of [
    [beside('swath-answers'), ''],
    [beside('swath-answer'), prefix],
    [beside('other-swath-answers'), prefix],
    [beside('urs'), arns],
    [beside('ours-too'), arns],
    [beside('ours'), arn('ours', '999988887777')],
    [OWN, '*'],
    [OWN, 'swath-*'],
    [OWN, arn('swath-dev-requests')],
    ...['arrivals', 'counts', 'dead-letters'].map((name) => [beside(`swath-dev-${name}`), 'swath-dev*'] as const),
    ...['arrivals', 'requests', 'counts', 'dead-letters', 'warehouse', 'feed-items'].map(
      (name) => [beside(`swath-prod-${name}`), 'swath-*'] as const,
    ),
    [beside('swath-answers-requests'), prefix],
    [beside('swath-prod-counts'), arn('swath-prod-counts')],
    [beside('swath-answers').replace('111122223333', '999988887777'), prefix],
    [beside('swath-answers').replace('eu-central-1', 'us-east-1'), prefix],
    [beside('swath-answers').replace('amazonaws.com', 'amazonaws.com.example.org'), prefix],
    [beside('swath-answers').replace('https:', 'http:'), prefix],
  ] as const)
    test(`not ${replyTo} of ${replyQueues}`, () => {
      const message =
        /^The request r cannot be taken: replyTo: found “.*”, allowed is a queue under https:\/\/sqs\.eu-central-1.*replyQueues names \(.+\), .*deploy with/;
      assert.throws(() => assertReply({ id: 'r', replyTo }, OWN, replyQueues), { name: 'InvalidMessage', message });
    });
});
