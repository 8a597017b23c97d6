import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accessByEnvironment, accessOfStage } from './mlflow.ts';

const URI = { MLFLOW_TRACKING_URI: 'https://mlflow.example.org/team/' };

describe('the access to a registry', () => {
  test('is read from the variables of its own client, where a name with a password precedes a token', () => {
    const token = { MLFLOW_TRACKING_TOKEN: 't0ken' };
    const user = { MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 'pa:ss' };
    const basic = `Basic ${Buffer.from('me:pa:ss').toString('base64')}`;
    const of = (more: object) => accessByEnvironment({ ...URI, ...more });
    assert.equal(of({}).url.href, 'https://mlflow.example.org/team');
    assert.equal(of({}).authorization, undefined);
    assert.equal(of(token).authorization, 'Bearer t0ken');
    assert.equal(of(user).authorization, basic);
    assert.equal(of({ ...token, ...user }).authorization, basic);
    assert.equal(of({ ...token, MLFLOW_TRACKING_USERNAME: 'me' }).authorization, 'Bearer t0ken');
  });

  test('of a stage is read from a secret: a token, or a name with a password', () => {
    const of = (secret: string) => accessOfStage(URI.MLFLOW_TRACKING_URI, secret, 'the SSM parameter /a').authorization;
    assert.deepEqual([of(''), of(' t0ken\n')], [undefined, 'Bearer t0ken']);
    assert.equal(of('me:pa:ss'), `Basic ${Buffer.from('me:pa:ss').toString('base64')}`);
  });

  for (const [uri, says] of [
    ['', /^MLFLOW_TRACKING_URI: found nothing, allowed is the address of an MLflow tracking server, such as/],
    ['mlruns', /^MLFLOW_TRACKING_URI: found no address, allowed is the address of an MLflow tracking server with http/],
    ['databricks://profile', /found an address with databricks, allowed is/],
    ['https://me:secret@mlflow.example.org', /found an address with https and a user, allowed is .* without a user/],
    ['https://mlflow.example.org/?key=secret', /allowed is .* without a user, a query or a fragment$/],
  ] as const)
    test(`is refused for the address "${uri}"`, () =>
      assert.throws(
        () => accessByEnvironment({ MLFLOW_TRACKING_URI: uri }),
        ({ name, message }: Error) => {
          assert.equal(name, 'InvalidModelPackage');
          assert.match(message, says);
          assert.doesNotMatch(message, /secret/);
          return true;
        },
      ));
});
