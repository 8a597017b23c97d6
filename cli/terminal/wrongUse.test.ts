import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { indicesPackage } from '../../test/models/buildIndices.ts';
import { swath, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

const BUNDLED = fileURLToPath(new URL('../../models/droughtwatch-baseline/1.0.0', import.meta.url));

/** One of each way to end is seen of a process: before any command, in the command line, in a command, in a package. */
type Wrong = [args: string | string[], says: RegExp, run?: typeof swath];
const WRONG: Wrong[] = [
  ['classify scene gone', /^swath: gone: no such file\.$/m, swath],
  ['request gone', /^swath: gone: no such file\.$/m],
  ['request folder', /^swath: folder is a folder, allowed is an image, a table \(\.csv\) or a request \(\.json\)\.$/m],
  ['request cut.json', /^swath: The request cannot be taken: found a/m],
  ['classify folder', /^swath: folder is a folder; name the files in it/m],
  ['classify', /missing required argument 'file'/],
  ['classify scene --jsn', /unknown option '--jsn'\s+.*--json/, swath],
  ['clasify scene', /unknown command 'clasify'\s+.*classify/],
  ['', /Usage: swath/, swath],
  ['start --port 65536', /--port: found "65536", allowed is .* 1 to 65535\.$/m],
  [['start', '--data-dir', ''], /^swath: --data-dir: found no name, allowed is the name of a folder\.$/m],
  ['start --arrivals-window 301', /--arrivals-window: found "301", allowed is a whole number from 0 to 300\.$/m],
  [
    'start --alarm-webhook http://chat.example.org/hooks/secret',
    /^swath: --alarm-webhook: allowed is an address that begins with https:\/\/ and has no user in it, or one of this machine itself\.$/m,
  ],
  [
    'start --model-watch mlflow:drought/3',
    /^swath: --model-watch: found “mlflow:drought\/3”, allowed is mlflow:NAME@ALIAS, such as mlflow:drought@champion\.$/m,
  ],
  [
    ['model', 'publish', BUNDLED, '--digest', '3e6ee2f2'],
    /^swath: --digest: found "3e6ee2f2", allowed is sha256: with 64 digits, as printed when a package is published\.$/m,
  ],
  [
    'model publish http://models.example.org/drought/',
    /^swath: found “http:\/\/models\.example\.org\/drought\/”, allowed is mlflow:NAME@ALIAS, /m,
  ],
  ['runs --since 2026-02-30', /--since: found "2026-02-30", allowed is an age such/],
  ['runs --since lately', /--since: found "lately", allowed is an age such/],
  ['runs --state OK', /--state: found "OK", allowed is one of CLAIMED/],
  ['backfill --since soon', /--since: found "soon", allowed is an age such/],
  ['backfill --at-once 1000', /--at-once: found "1000", allowed is a whole number from 1 to 900/],
  ['redrive --limit x', /--limit: found "x", allowed is a whole/],
  ['doctor me', /too many arguments for 'doctor'[\s\S]*Try "swath doctor --help"\.$/m],
  ['model profile a b c d e f g', /but got 7: a, b, c, d, e, …\.\nTry "swath model profile --help"\.$/m],
  ['redrive --data-dir x', /unknown option '--data-dir'\nTry "swath redrive --help"\.$/m],
  ['runs --limit 0', /--limit: found "0", allowed is a whole number from 1 on/],
  ['retry', /no run is named\. Name one or several, .* --state FAILED --since 1d$/m],
  ['retry abc --state FAILED', /--state: found it beside the run "abc"; allowed is one or the other/],
  ['retry --since 1d', /--since: found it without --state; allowed is --state FAILED beside it\.$/m],
  ...[
    ['INVALID', 'the file can never be processed. Send a corrected one: it gets its own run.'],
    ['done', 'there is nothing to try again.'],
    ['EMPTY', 'there is nothing to try again.'],
    ['DUPLICATE', 'the same bytes count as another run.'],
    ['PREPARED', 'it is still running.'],
  ].map(([state = '', why]): Wrong => {
    const runs = `Of runs that are ${state.toUpperCase()}`;
    return [
      `retry --state ${state}`,
      new RegExp(`--state: found "${state}", allowed is FAILED\\. ${runs}: ${why}$`, 'm'),
    ];
  }),
  ['retry --state BROKEN', /--state: found "BROKEN", allowed is FAILED\.$/m],
  ['send scene gone', /^swath: gone: no such file\.$/m],
  [
    'send scene --key-prefix swath-canary/x',
    /--key-prefix: swath-canary\/ is reserved for canaries.*Choose another one\.$/m,
  ],
  ...['../up', '/top', 'a//b', '.hidden', 'x'.repeat(701)].map(
    (prefix): Wrong => [
      `send scene --key-prefix ${prefix}`,
      /--key-prefix: found ".+", allowed are names of folders with slashes between them/,
    ],
  ),
  ...['classify', 'send'].map(
    (command): Wrong => [
      `${command} scene mixer.json`,
      /mixer\.json: what ends in \.txt, \.json, \.xml, \.md, \.html, \.pdf, \.msk or \.ovr, or as a world file \(\.wld, .*\), comes beside scene files and is none, but for a STAC Item .* Leave/,
    ],
  ),
  [
    'logs --function inferr',
    /--function: found "inferr", allowed is one of collect, discover, drift, infer, mosaic, preprocess, preprocessCubes, report, settle\.$/m,
  ],
  ['logs --since lately', /--since: found "lately", allowed is an age/],
  [
    ['runs', '--stage', 'my stage'],
    /--stage: found "my stage", allowed are up to 20 lower-case letters, digits and hyphens/,
  ],
  ['runs --stage dev --data-dir here', /'--stage <stage>' cannot be used with option '--data-dir <folder>'$/m],
  ['runs --region eu-central-1', /--region needs --stage: name the stage as well\.$/m],
  [
    ['classify', 'scene', '--model', 'wrong item'],
    /^swath: .*wrong item.*: item\.json: properties\.mlm:input.*: found .*, allowed/m,
    swath,
  ],
  [['classify', 'scene', '--model', 'no model'], /^swath: .*no model.*: model\.onnx/m],
  [
    ['classify', 'scene', '--model', 'cut model'],
    /^swath: cut model: model\.onnx: is not an ONNX model: at byte \d+: a length of \d+ bytes, but \d+ are left$/m,
  ],
  [
    ['classify', 'scene', '--model', 'other model'],
    /^swath: other model: model\.onnx: input "indices": found the shape \[.*\], allowed is \[.*\]/m,
  ],
  ['classify scene --model folder', /^swath: .*folder.*: item\.json: found no such file/m],
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
    const ofAny = String(item).replace(/"file:(size|checksum)": [^\n]*\n/g, ''); // says neither the size nor the checksum of its model
    for (const [folder, files] of Object.entries({
      'no model': { 'item.json': item, ...rest },
      'cut model': { 'item.json': ofAny, 'model.onnx': onnx!.subarray(0, 1000), ...rest },
      'other model': { 'item.json': ofAny, 'model.onnx': indicesPackage()['model.onnx']!, ...rest },
      'wrong item': { 'item.json': String(item).replace(/"shape": *\[\s*-1,/, '"shape": ["all",'), ...rest },
    })) {
      mkdirSync(join(cwd, folder));
      for (const [file, content] of Object.entries(files)) writeFileSync(join(cwd, folder, file), content!);
    }
  });

  for (const [given, says, run = swathHere] of WRONG) {
    const args = typeof given === 'string' ? given.split(' ').filter((arg) => arg !== '') : given;
    test(`swath ${args.join(' ').slice(0, 60)}: ends with code 2, and a sentence`, async () => {
      const { code, stdout, stderr } = await run(args, cwd);
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

  test('a stderr that takes nothing changes no exit code', () => {
    const main = fileURLToPath(new URL('../swath.mjs', import.meta.url));
    for (const args of [
      ['doctor', 'me'],
      ['request', 'gone'],
    ]) {
      const stdio = ['ignore', 'pipe', openSync('/dev/null', 'r')] as const;
      assert.equal(spawnSync(process.execPath, [main, ...args], { cwd, stdio: [...stdio] }).status, 2);
    }
  });

  test('a port that is in use is named', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    // The other cases, which run at the same time, have their folder in use.
    const { code, stdout, stderr } = await swath(['start', '--empty', '--port', String(port)], temporaryFolder());
    const said = `swath: port ${port} on 127.0.0.1 is in use. Name another one with --port, or leave it out to use a free one.\n`;
    assert.deepEqual([code, stdout, stderr], [1, '', said]);
  });
});
