import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { outsideLines, outsideText } from './outsideText.ts';

describe('text from outside', () => {
  const TEXTS = [
    ['markup stays as it is: it is never set as HTML', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['letters of any script stay', 'Wajir/قطعة-१२.tfrecord', 'Wajir/قطعة-१२.tfrecord'],
    ['what turns text around is spelled out', 'a\u202egnp.exe', 'a\\u202egnp.exe'],
    ['control characters and line breaks are', 'a\u001b[31m\nb\u2028c', 'a\\u001b[31m\\u000ab\\u2028c'],
    ['what cannot be seen is', 'a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
    ['half of a pair is', 'a\ud83d', 'a\\ud83d'],
    ['beyond the basic plane as well', 'a\u{e0001}', 'a\\u{e0001}'],
  ];
  for (const [name, text, shown] of TEXTS) test(name, () => assert.equal(outsideText(text), shown));
  test('where lines are meant, their breaks stay', () => {
    assert.equal(outsideLines('a\r\nb\tc\u202e'), 'a\nb\tc\\u202e');
  });
});
