import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { timeOf } from './output.ts';

const NOW = new Date('2026-11-28T12:00:00Z');

describe('an option that takes a time', () => {
  const zone = process.env['TZ'];
  before(() => {
    process.env['TZ'] = 'America/New_York'; // a machine that is not in UTC
  });
  after(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  for (const [text, time] of [
    ['90m', '2026-11-28T10:30:00.000Z'],
    ['12h', '2026-11-28T00:00:00.000Z'],
    ['3d', '2026-11-25T12:00:00.000Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['1970-01-01', '1970-01-01T00:00:00.000Z'],
    ['2026-01-31T10:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31 10:00:30', '2026-01-31T10:00:30.000Z'],
    ['2026-01-31T10:00:00-05:00', '2026-01-31T15:00:00.000Z'],
  ] as const)
    test(`reads ${text} as ${time}, whatever the zone of the machine`, () =>
      assert.equal(timeOf('--since', text, NOW).toISOString(), time));

  for (const text of [
    '12',
    '5',
    'last 7',
    '28 Nov',
    'Feb 30 2026',
    '2026-2-3',
    '2026-02-30',
    '2026-01-31T25:00',
    '-3d',
    '',
  ])
    test(`refuses ${JSON.stringify(text)}, with what is allowed`, () =>
      assert.throws(() => timeOf('--since', text, NOW), {
        name: 'WrongUse',
        message: `--since: found ${JSON.stringify(text)}, allowed is an age such as 90m, 12h or 3d, or a date such as 2026-01-31.`,
      }));
});
