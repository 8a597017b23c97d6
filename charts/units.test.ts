import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inUnit, type Unit } from './format.ts';

describe('numbers as people read them', () => {
  const WRITTEN: [value: number, unit: Unit, text: string][] = [
    [0, 'share', '0 %'],
    [0.004, 'share', '0.4 %'],
    [0.0994, 'share', '9.9 %'],
    [0.0999, 'share', '10 %'],
    [0.5712, 'share', '57 %'],
    [1, 'share', '100 %'],
    [0.13449, 'distance', '0.134'],
    [0.2504, 'distance', '0.250'],
    [12345.4, 'count', '12,345'],
    [2.5, 'count', '2.5'],
    [-1248000, 'number', '-1,248,000'],
    [0.00012345, 'number', '0.0001235'],
    [48_570_000_000, 'number', '4.857e10'],
    [-1e-12, 'number', '-1e-12'],
    [0.6, 'milliseconds', '1 ms'],
    [999, 'milliseconds', '999 ms'],
    [1250, 'milliseconds', '1.25 s'],
    [61_000, 'milliseconds', '61.0 s'],
    [150_000, 'milliseconds', '2.5 min'],
    [9_000_000, 'milliseconds', '2.5 h'],
  ];
  for (const [value, unit, text] of WRITTEN)
    test(`${value} as ${unit}`, () => assert.equal(inUnit(value, unit).replaceAll('\u00a0', ' '), text));
});
