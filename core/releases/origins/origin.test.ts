import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { originText, parseOrigin, parseWatched } from './origin.ts';

describe('the origin of a package', () => {
  for (const [text, expected, written = text] of [
    ['mlflow:drought@champion', { kind: 'mlflow', name: 'drought', pointer: { alias: 'champion' } }],
    ['mlflow:drought/3', { kind: 'mlflow', name: 'drought', pointer: { version: '3' } }],
    ['mlflow:Drought watch, east@v-1', { kind: 'mlflow', name: 'Drought watch, east', pointer: { alias: 'v-1' } }],
    ['s3://models/drought/1.2.0/', { kind: 's3', bucket: 'models', prefix: 'drought/1.2.0/' }],
    ['s3://models/drought', { kind: 's3', bucket: 'models', prefix: 'drought/' }, 's3://models/drought/'],
    ['s3://models/', { kind: 's3', bucket: 'models', prefix: '' }],
  ] as const)
    test(text, () => {
      const origin = parseOrigin(text)!;
      assert.deepEqual(origin, expected);
      assert.equal(originText(origin), written);
    });

  test('is a folder of a web server, with a slash at its end', () => {
    const origin = parseOrigin('https://models.example.org/drought/1.2.0')!;
    assert.equal(originText(origin), 'https://models.example.org/drought/1.2.0/');
  });

  for (const folder of ['models/drought/1.2.0', './mlflow', '/abs/mlflow', 'C:\\models', '..'])
    test(`is a folder of this machine: ${folder}`, () => assert.equal(parseOrigin(folder), null));

  for (const wrong of [
    'mlflow:drought',
    'mlflow:drought@',
    'mlflow:a/b/3',
    'mlflow:@champion',
    'mlflow:drought/0',
    'mlflow:drought/x',
    'mlflow:a:b@champion',
    's3://Models/a',
    's3://models/a/../b',
    's3:models',
    'ftp://host/a',
    'http://host/a',
    'https://host/a?signature=secret',
    'https://me:secret@host/a',
    'file:///etc/passwd',
    'https://host/#a',
  ])
    test(`is refused: ${wrong}`, () =>
      assert.throws(
        () => parseOrigin(wrong),
        ({ name, message }: Error) => {
          assert.equal(name, 'InvalidModelPackage');
          assert.match(message, /^found “[^”]+”, allowed is mlflow:NAME@ALIAS, mlflow:NAME\/VERSION, s3:/);
          assert.doesNotMatch(message, /secret/);
          return true;
        },
      ));

  test('can be watched only if it is an alias, since nothing else can change its target', () => {
    assert.equal(originText(parseWatched('mlflow:drought@champion')), 'mlflow:drought@champion');
    for (const wrong of ['mlflow:drought/3', 's3://models/drought/', 'models/drought', 'mlflow:drought'])
      assert.throws(() => parseWatched(wrong), { name: 'InvalidModelPackage', message: /^found “/ });
  });
});
