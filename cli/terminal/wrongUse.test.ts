import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { indicesPackage } from '../../test/models/buildIndices.ts';
import { swath, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

const BUNDLED = fileURLToPath(new URL('../../models/droughtwatch-baseline/1.0.0', import.meta.url));

/** One of each way to end is seen of a process: before any command, in the command line, in a command, in a package. */
const WRONG: { name: string; args: string[]; says: RegExp; asProcess?: true }[] = [
  {
    name: 'a file that is not there',
    args: ['classify', 'scene', 'gone'],
    asProcess: true,
    says: /^swath: gone: no such file\.$/m,
  },
  { name: 'a request of a file that is not there', args: ['request', 'gone'], says: /^swath: gone: no such file\.$/m },
  {
    name: 'a request of a folder',
    args: ['request', 'folder'],
    says: /^swath: folder is a folder, allowed is an image, a table \(\.csv\) or a request \(\.json\)\.$/m,
  },
  {
    name: 'a request that is none',
    args: ['request', 'cut.json'],
    says: /^swath: The request cannot be taken: found a/m,
  },
  { name: 'a folder', args: ['classify', 'folder'], says: /^swath: folder is a folder; name the files in it/m },
  { name: 'no file', args: ['classify'], says: /missing required argument 'file'/ },
  {
    name: 'an unknown option',
    args: ['classify', 'scene', '--jsn'],
    asProcess: true,
    says: /unknown option '--jsn'\s+.*--json/,
  },
  { name: 'an unknown command', args: ['clasify', 'scene'], says: /unknown command 'clasify'\s+.*classify/ },
  { name: 'no command', args: [], asProcess: true, says: /Usage: swath/ },
  { name: 'no port', args: ['start', '--port', '65536'], says: /--port: found "65536", allowed is .* 1 to 65535\.$/m },
  {
    name: 'a window longer than Lambda has',
    args: ['start', '--arrivals-window', '301'],
    says: /--arrivals-window: found "301", allowed is a whole number from 0 to 300\.$/m,
  },
  {
    name: 'a webhook without TLS',
    args: ['start', '--alarm-webhook', 'http://chat.example.org/hooks/secret'],
    says: /^swath: --alarm-webhook: allowed is an address that begins with https:\/\/ and has no user in it, or one of this machine itself\.$/m,
  },
  {
    name: 'a version to be watched, which never comes to point elsewhere',
    args: ['start', '--model-watch', 'mlflow:drought/3'],
    says: /^swath: --model-watch: found “mlflow:drought\/3”, allowed is mlflow:NAME@ALIAS, such as mlflow:drought@champion\.$/m,
  },
  {
    name: 'a digest that is none',
    args: ['model', 'publish', BUNDLED, '--digest', '3e6ee2f2'],
    says: /^swath: --digest: found "3e6ee2f2", allowed is sha256: with 64 digits, as printed when a package is published\.$/m,
  },
  {
    name: 'a package at an address without TLS',
    args: ['model', 'publish', 'http://models.example.org/drought/'],
    says: /^swath: found “http:\/\/models\.example\.org\/drought\/”, allowed is mlflow:NAME@ALIAS, /m,
  },
  {
    name: 'a day that is in no calendar',
    args: ['runs', '--since', '2026-02-30'],
    says: /--since: found "2026-02-30", allowed is an age such/,
  },
  {
    name: 'a strange age',
    args: ['runs', '--since', 'lately'],
    says: /--since: found "lately", allowed is an age such/,
  },
  {
    name: 'a state that is none',
    args: ['runs', '--state', 'OK'],
    says: /--state: found "OK", allowed is one of CLAIMED/,
  },
  {
    name: 'a strange date',
    args: ['backfill', '--until', 'soon'],
    says: /--until: found "soon", allowed is an age such/,
  },
  {
    name: 'an end before the beginning',
    args: ['backfill', '--since', '1d', '--until', '2d'],
    says: /--until: found "2d", allowed is a time after --since/,
  },
  {
    name: 'too many at once',
    args: ['backfill', '--at-once', '1000'],
    says: /--at-once: found "1000", allowed is a whole number from 1 to 900/,
  },
  { name: 'no count to redrive', args: ['redrive', '--limit', 'x'], says: /--limit: found "x", allowed is a whole/ },
  { name: 'a doctor for something', args: ['doctor', 'me'], says: /too many arguments for 'doctor'/ },
  { name: 'no count', args: ['runs', '--limit', '0'], says: /--limit: found "0", allowed is a whole number from 1 on/ },
  {
    name: 'nothing to try again',
    args: ['retry'],
    says: /no run is named\. Name one or several, .* --state FAILED --since 1d$/m,
  },
  {
    name: 'runs to try again that are named and chosen',
    args: ['retry', 'abc', '--state', 'FAILED'],
    says: /--state: found it beside the run "abc"; allowed is one or the other/,
  },
  {
    name: 'failures of a time, of whatever state',
    args: ['retry', '--since', '1d'],
    says: /--since: found it without --state; allowed is --state FAILED beside it\.$/m,
  },
  ...[
    ['INVALID', 'the file can never be processed. Send a corrected one: it gets its own run.'],
    ['done', 'there is nothing to try again.'],
    ['EMPTY', 'there is nothing to try again.'],
    ['DUPLICATE', 'the same bytes count as another run.'],
    ['PREPARED', 'it is still running.'],
  ].map(([state = '', why]) => ({
    name: `to try again what is ${state}`,
    args: ['retry', '--state', state],
    says: new RegExp(
      `--state: found "${state}", allowed is FAILED\\. Of runs that are ${state.toUpperCase()}: ${why}$`,
      'm',
    ),
  })),
  {
    name: 'to try again what is in no state',
    args: ['retry', '--state', 'BROKEN'],
    says: /--state: found "BROKEN", allowed is FAILED\.$/m,
  },
  { name: 'no file to send', args: ['send', 'scene', 'gone'], says: /^swath: gone: no such file\.$/m },
  {
    name: 'the reserved folder of the inbox',
    args: ['send', 'scene', '--key-prefix', 'swath-canary/x'],
    says: /--key-prefix: swath-canary\/ is reserved for canaries.*Choose another one\.$/m,
  },
  ...['../up', '/top', 'a//b', '.hidden', 'x'.repeat(701)].map((prefix) => ({
    name: `a folder of the inbox called ${prefix.slice(0, 9)}`,
    args: ['send', 'scene', '--key-prefix', prefix],
    says: /--key-prefix: found ".+", allowed are names of folders with slashes between them/,
  })),
  ...['classify', 'send'].map((command) => ({
    name: `${command} of what comes beside scenes`,
    args: [command, 'scene', 'mixer.json'],
    says: /mixer\.json: what ends in \.txt, \.json, \.xml, \.md, \.html, \.pdf, \.msk or \.ovr, or as a world file \(\.wld, .*\), comes beside scene files and is none, but for a STAC Item .* Leave/,
  })),
  {
    name: 'a function that is none',
    args: ['logs', '--function', 'inferr'],
    says: /--function: found "inferr", allowed is one of collect, discover, drift, infer, mosaic, preprocess, report, settle\.$/m,
  },
  {
    name: 'a strange age of lines',
    args: ['logs', '--since', 'lately'],
    says: /--since: found "lately", allowed is an age/,
  },
  {
    name: 'a stage that cannot be one',
    args: ['runs', '--stage', 'my stage'],
    says: /--stage: found "my stage", allowed are up to 20 lower-case letters, digits and hyphens/,
  },
  {
    name: 'a region without a stage',
    args: ['runs', '--region', 'eu-central-1'],
    says: /--region needs --stage: name the stage as well\.$/m,
  },
  {
    name: 'a model package with a wrong item',
    args: ['classify', 'scene', '--model', 'wrong item'],
    asProcess: true,
    says: /^swath: .*wrong item.*: item\.json: properties\.mlm:input.*: found .*, allowed/m,
  },
  {
    name: 'a model package without a model',
    args: ['classify', 'scene', '--model', 'no model'],
    says: /^swath: .*no model.*: model\.onnx/m,
  },
  {
    name: 'a model that is cut short',
    args: ['classify', 'scene', '--model', 'cut model'],
    says: /^swath: cut model: model\.onnx: is not an ONNX model: at byte \d+: a length of \d+ bytes, but \d+ are left$/m,
  },
  {
    name: 'a model of another shape than its item says',
    args: ['classify', 'scene', '--model', 'other model'],
    says: /^swath: other model: model\.onnx: input "indices": found the shape \[.*\], allowed is \[.*\]/m,
  },
  {
    name: 'a folder that is no model package',
    args: ['classify', 'scene', '--model', 'folder'],
    says: /^swath: .*folder.*: item\.json: found no such file/m,
  },
];

describe('wrong use', { concurrency: 2 }, () => {
  const cwd = temporaryFolder();

  before(() => {
    mkdirSync(join(cwd, 'folder'));
    writeFileSync(join(cwd, 'scene'), 'x');
    writeFileSync(join(cwd, 'mixer.json'), '{}');
    writeFileSync(join(cwd, 'cut.json'), '{"id": "cut", ');
    const bundled = Object.fromEntries(readdirSync(BUNDLED).map((file) => [file, readFileSync(join(BUNDLED, file))]));
    const { 'model.onnx': onnx, 'item.json': item, ...rest } = bundled;
    mkdirSync(join(cwd, '.swath/inbox'), { recursive: true });
    for (const [folder, files] of Object.entries({
      'no model': { 'item.json': item, ...rest },
      'cut model': { 'item.json': item, 'model.onnx': onnx!.subarray(0, 1000), ...rest },
      'other model': { 'item.json': item, 'model.onnx': indicesPackage()['model.onnx']!, ...rest },
      'wrong item': { 'item.json': String(item).replace(/"shape": *\[\s*-1,/, '"shape": ["all",'), ...rest },
    })) {
      mkdirSync(join(cwd, folder));
      for (const [file, content] of Object.entries(files)) writeFileSync(join(cwd, folder, file), content!);
    }
  });

  for (const { name, args, says, asProcess } of WRONG) {
    test(`${name}: exit code 2, and a sentence`, async () => {
      const { code, stdout, stderr } = await (asProcess === true ? swath : swathHere)(args, cwd);
      assert.equal(code, 2, stderr);
      assert.match(stderr, says);
      assert.equal(stdout, '');
      assert.doesNotMatch(stderr, /^ +at /m);
    });
  }

  test('--debug shows where an error came from', async () => {
    const { code, stderr } = await swathHere(['--debug', 'classify', 'gone'], cwd);
    assert.equal(code, 2);
    assert.match(stderr, /WrongUse: gone: no such file\.\n +at /);
  });

  test('a port that is in use is named', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    // The other cases, which run at the same time, have their folder in use.
    const { code, stdout, stderr } = await swath(['start', '--empty', '--port', String(port)], temporaryFolder());
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(
      stderr,
      `swath: port ${port} on 127.0.0.1 is in use. Name another one with --port, or leave it out to use a free one.\n`,
    );
  });
});
