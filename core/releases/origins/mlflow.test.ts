import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type MlflowPorts, openRegistered } from './mlflow.ts';
import { type MlflowOrigin, parseOrigin } from './origin.ts';
import type { HttpAnswer, HttpGetOptions } from './packageSource.ts';

/** A server that answers as MLflow 3.17 does, whose own answers test/mlflow holds this against. */
function makeBench(pages: Record<string, unknown>, more: Partial<MlflowPorts> = {}) {
  const asked: string[] = [];
  const options: HttpGetOptions[] = [];
  const get = async (url: URL, how: HttpGetOptions): Promise<HttpAnswer> => {
    asked.push(`${url.pathname}${decodeURIComponent(url.search)}`);
    options.push(how);
    const page = pages[`${url.pathname}${decodeURIComponent(url.search)}`];
    const [status, body] =
      page === undefined ? [404, { message: 'not there' }] : Array.isArray(page) ? page : [200, page];
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { status, bytes: new TextEncoder().encode(text) };
  };
  const access = { url: new URL('http://mlflow:5000/team'), authorization: 'Bearer t0ken', secretIn: 'THE VARIABLE' };
  const ports = { access, get, ...more };
  return { asked, options, open: (text: string) => openRegistered(ports, parseOrigin(text) as MlflowOrigin) };
}

const API = '/team/api/2.0/mlflow';
const ALIAS = `${API}/registered-models/alias?name=dry+land&alias=champion`;
const uriOf = (version: string) => `${API}/model-versions/get-download-uri?name=dry+land&version=${version}`;
const proxied = (path: string) => `/team/api/2.0/mlflow-artifacts/artifacts/${path}`;
const pointing = (uri: string) => ({
  [ALIAS]: { model_version: { name: 'dry land', version: '3' } },
  [uriOf('3')]: { artifact_uri: uri },
});
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('a version that is registered with MLflow', () => {
  test('is the one its alias points to, and its files are read through the proxy of the server, with the token', async () => {
    const { open, asked, options } = makeBench({
      ...pointing('mlflow-artifacts:/0/run 1/artifacts/package'),
      [proxied('0/run%201/artifacts/package/item.json')]: 'an item',
    });
    const { where, readFile } = await open('mlflow:dry land@champion');
    assert.equal(where, 'mlflow:dry land/3');
    assert.equal(textOf(await readFile('item.json', 100)), 'an item');
    assert.deepEqual(asked, [ALIAS, uriOf('3'), proxied('0/run%201/artifacts/package/item.json')]);
    assert.ok(options.every((one) => one.authorization === 'Bearer t0ken' && one.mayRedirect === undefined));
    assert.equal(options[2]!.mostBytes, 100);
    await assert.rejects(readFile('sample.json'), {
      name: 'ObjectNotFound',
      message: 'mlflow:dry land/3 has no sample.json.',
    });
  });

  test('can also be named by its number, which needs no look-up', async () => {
    const { open, asked } = makeBench({ [uriOf('2')]: { artifact_uri: 'mlflow-artifacts://mlflow:5000/1/a' } });
    assert.equal((await open('mlflow:dry land/2')).where, 'mlflow:dry land/2');
    assert.deepEqual(asked, [uriOf('2')]);
  });

  test('is read from the bucket of its files if that is possible', async () => {
    const read: string[] = [];
    const readBucket = (bucket: string) => async (key: string) => {
      read.push(`${bucket} ${key}`);
      return new Uint8Array(1);
    };
    const { open } = makeBench(pointing('s3://store/1/run/artifacts/package'), { readBucket });
    await (await open('mlflow:dry land@champion')).readFile('model.onnx', 5);
    assert.deepEqual(read, ['store 1/run/artifacts/package/model.onnx']);
  });

  for (const uri of ['s3://store/1/run/artifacts/package', '/mlruns/0/run/artifacts/package', 'file:///mlruns/0/a'])
    test(`is read through the server if only the server can read its files: ${uri}`, async () => {
      const page = '/team/model-versions/get-artifact?name=dry+land&version=3&path=item.json';
      const { open, asked } = makeBench({ ...pointing(uri), [page]: 'an item' });
      assert.equal(textOf(await (await open('mlflow:dry land@champion')).readFile('item.json')), 'an item');
      assert.equal(asked.at(-1), page);
    });

  const refused = (opening: Promise<unknown>, message: RegExp) =>
    assert.rejects(opening, { name: 'InvalidModelPackage', message });

  test('is reported missing with the message of the server if the alias points to nothing', () =>
    refused(
      makeBench({ [ALIAS]: [400, { message: 'Registered model alias champion not found.' }] }).open(
        'mlflow:dry land@champion',
      ),
      /^mlflow:dry land@champion points nowhere: mlflow:5000 answers 400 \(“Registered model alias champion not found\.”\); register that version there, or name another one$/,
    ));

  for (const status of [401, 403])
    test(`is not readable without access (${status}), and the error says where to put a token`, () =>
      refused(
        makeBench({ [ALIAS]: [status, 'no'] }).open('mlflow:dry land@champion'),
        new RegExp(`answers ${status}, so it does not let this service in; put what it takes into THE VARIABLE$`),
      ));

  for (const page of ['<html>', { model_version: {} }, { model_version: { version: '../2' } }])
    test(`is not accepted from a server that is not MLflow: ${JSON.stringify(page)}`, () =>
      refused(
        makeBench({ [ALIAS]: page }).open('mlflow:dry land@champion'),
        /answers something else than MLflow's REST API/,
      ));

  for (const uri of ['mlflow-artifacts:/0/../../secrets', 'mlflow-artifacts:/0/%2e%2e/secrets', 's3://store/../other'])
    test(`cannot have files outside of its folder: ${uri}`, () =>
      refused(
        makeBench(pointing(uri)).open('mlflow:dry land@champion'),
        /allowed is none that leads out of its folder$/,
      ));

  test('is not read from another server that its source names, since the token is not for that server', () =>
    refused(
      makeBench(pointing('mlflow-artifacts://evil.example.org/0/a')).open('mlflow:dry land@champion'),
      /found artifacts of “evil\.example\.org”, allowed are those of mlflow:5000, which is the server that is asked$/,
    ));

  test('is not followed through a redirect, and a file that the server cannot give is reported', async () => {
    const file = proxied('0/a/item.json');
    const { open } = makeBench({ ...pointing('mlflow-artifacts:/0/a'), [file]: [302, ''] });
    const { readFile } = await open('mlflow:dry land@champion');
    await refused(
      readFile('item.json'),
      /^mlflow:dry land\/3: item\.json: mlflow:5000 answers 302, allowed is 200 with what was asked for$/,
    );
  });
});
