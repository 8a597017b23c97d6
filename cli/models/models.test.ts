import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDataFolder } from '../../local/stack/dataFolder.ts';
import { buildIndices } from '../../test/models/buildIndices.ts';
import { encodeOnnx } from '../../test/models/onnx.ts';
import { sceneOf } from '../../test/scenes.ts';
import { jsonLines, startSwath, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { sized } from '../../test/tfrecord.ts';
import { serveModel } from './model.ts';

const BUNDLED = fileURLToPath(new URL('../../models/droughtwatch-baseline/1.0.0', import.meta.url));
const NAME = 'droughtwatch-baseline';
type Listed = { promoted: Record<string, unknown> | null; versions: { version: string; problem: string | null }[] };

describe('swath model', () => {
  const cwd = temporaryFolder();
  const model = (...args: string[]) => swathHere(['model', ...args], cwd);
  const refuses = async (args: readonly string[], says: RegExp) => {
    const { code, stdout, stderr } = await model(...args);
    assert.deepEqual([code, stdout], [2, ''], stderr);
    assert.match(stderr, says);
  };
  const promoted = () => JSON.parse(readFileSync(join(cwd, `.swath/models/${NAME}/promoted.json`), 'utf8'));

  before(() => {
    cpSync(BUNDLED, join(cwd, 'first'), { recursive: true });
    cpSync(BUNDLED, join(cwd, 'second'), { recursive: true });
    const item = readFileSync(join(cwd, 'second/item.json'), 'utf8');
    writeFileSync(join(cwd, 'second/item.json'), item.replace('"version": "1.0.0"', '"version": "1.10.0"'));
    buildIndices(join(cwd, 'indices'));
  });

  test('list, promote and rollback of an empty bucket explain what is missing, and how to get it', async () => {
    mkdirSync(join(cwd, '.swath/inbox'), { recursive: true });
    const none = `No version of ${NAME} is published. Publish one: npx swath model publish FOLDER --promote\n`;
    const { code, stdout } = await model('list');
    assert.deepEqual([code, stdout], [0, `model     ${NAME}\npromoted  none, so it classifies nothing\n\n${none}`]);
    await refuses(
      ['promote', '1.0.0'],
      /^swath: \S+ 1\.0\.0 cannot be promoted: it is not published\. Publish one: npx/,
    );
    await refuses(['rollback'], /^swath: No version of \S+ is promoted, so there is nothing to go back to\./);
  });

  test('publish, once and again, and promote', async () => {
    const first = await model('publish', 'first');
    assert.equal(
      first.stdout,
      `${NAME} 1.0.0 is published.\nIt has the digest sha256:3e6ee2c1142bb211a543434db3e62382dde422d8a6b432a8d57fa56c8500fdf5\nTo let it classify what comes from now on: npx swath model promote 1.0.0\n`,
    );
    assert.equal(
      (await model('promote', '1.0.0')).stdout,
      `${NAME} 1.0.0 is promoted: it classifies new files from now on.\n`,
    );
    const [second] = jsonLines(await model('publish', 'second', '--promote', '--json'));
    const { digest, ...others } = second as { digest: string };
    const published = { name: NAME, version: '1.10.0', isNew: true, mended: [], notes: [] };
    assert.deepEqual(others, { ...published, isPromoted: true, isUsed: true });
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    const twice = await model('publish', 'second');
    assert.match(twice.stdout, /^\S+ 1\.10\.0 was published before; nothing was changed\.\nIt has the digest \S+\n$/);
    const again = await model('promote', '1.10.0');
    assert.equal(again.code, 0);
    assert.match(again.stdout, /^\S+ 1\.10\.0 is promoted already, since 20\S+\.\n$/);
    const { version, before } = promoted();
    assert.deepEqual([version, before], ['1.10.0', ['1.0.0']]);
  });

  test('history shows who promoted what, when, and why', async () => {
    await model('rollback', '--reason', 'too wet');
    await model('promote', '1.10.0');
    const { stdout } = await model('history');
    const [head, latest, goneBack] = stdout.split('\n');
    assert.match(head!, /^at +version +in the place of +by a +of +because$/);
    assert.match(latest!, /^20\S+Z +1\.10\.0 +1\.0\.0 +promotion /);
    assert.match(goneBack!, /^20\S+Z +1\.0\.0 +1\.10\.0 +rollback +\S+ +too wet$/);
    const records = jsonLines<{ version: string; by: string; reason: string | null }>(await model('history', '--json'));
    const known = records.map(({ version, reason }) => `${version} ${reason}`);
    assert.deepEqual(known, ['1.10.0 null', '1.0.0 too wet', '1.10.0 null', '1.0.0 null']);
    assert.equal(records[0]!.by, userInfo().username);
    assert.match((await model('history', 'unknown')).stdout, /^Nothing is known of a promotion of unknown\./);
  });

  test('list shows the versions in order, the promoted one, and those that cannot run', async () => {
    cpSync(join(cwd, '.swath/models', NAME, '1.0.0'), join(cwd, '.swath/models', NAME, '1.9.0'), { recursive: true });
    rmSync(join(cwd, '.swath/models', NAME, '1.9.0', 'publication.json'));
    rmSync(join(cwd, '.swath/models', NAME, '1.9.0/model.onnx'));
    const [asText, asJson] = await Promise.all([model('list'), model('list', '--json')]);
    assert.match(asText.stdout, /^promoted +1\.10\.0, since 20\S+\nbefore +1\.0\.0$/m);
    assert.match(
      asText.stdout,
      /^version +runs +predictions +last run +accuracy *\n1\.0\.0 +0 +0 +– +– +classes cows-0, .*\n1\.9\.0 +0 +0 +– +– +cannot run: model\.onnx: .*\n1\.10\.0 +promoted +0 +0 +– +– +classes/m,
    );
    const [listed] = jsonLines<Listed>(asJson);
    assert.deepEqual(listed?.promoted, promoted());
    const able = listed?.versions.map(({ version, problem }) => `${version} ${problem === null}`);
    assert.deepEqual(able, ['1.0.0 true', '1.9.0 false', '1.10.0 true']);
    const says = /is not whole: model\.onnx: .* Published are \S+\/1\.0\.0, \S+\/1\.9\.0, \S+\/1\.10\.0\. /;
    await refuses(['promote', '1.9.0'], says);
  });

  test('promote refuses a version that came into the bucket by another way and cannot run', async () => {
    const there = join(cwd, '.swath/models', NAME, '1.9.0');
    const item = readFileSync(join(there, 'item.json'), 'utf8');
    writeFileSync(join(there, 'item.json'), item.replace('"version": "1.0.0"', '"version": "1.9.0"'));
    const location = sized(13, sized(1, Buffer.from('location')), sized(2, Buffer.from('../../../../etc/passwd')));
    for (const [onnx, says] of [
      [sized(7, sized(5, sized(8, Buffer.from('w')), location)), /the tensor "w" has its data outside of the model/],
      [encodeOnnx({ name: 'g', inputs: [], outputs: [], constants: [], nodes: [] }), /cannot run: model\.onnx: /],
    ] as const) {
      writeFileSync(join(there, 'model.onnx'), onnx);
      await refuses(['promote', '1.9.0'], says);
      assert.equal(promoted().version, '1.10.0');
    }
  });

  test('rollback returns to the previously promoted version', async () => {
    const says = `${NAME} 1.0.0 is promoted: it classifies new files from now on. Before, it was 1.10.0.\n`;
    const { code, stdout } = await model('rollback');
    assert.deepEqual([code, stdout], [0, says]);
    assert.deepEqual([promoted().version, promoted().before], ['1.0.0', []]);
  });

  test('publish of another model says that it is not used here, and how it would be', async () => {
    const { code, stdout } = await model('publish', 'indices');
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^But the embedded stack classifies with droughtwatch-baseline, so droughtwatch-indices is not used there\. To have it classify new files beside the others: npx swath model promote droughtwatch-indices\/1\.0\.0 --beside$/m,
    );
  });

  test('check and publish of a provisional reference say how to make one, in a command to paste', async () => {
    cpSync(join(cwd, 'first'), join(cwd, 'a draft'), { recursive: true });
    writeFileSync(join(cwd, 'a draft/reference.json'), '{"provisional": true}');
    const item = readFileSync(join(cwd, 'a draft/item.json'), 'utf8');
    writeFileSync(join(cwd, 'a draft/item.json'), item.replace('"version": "1.0.0"', '"version": "0.1.0"'));
    for (const command of ['check', 'publish'])
      assert.match(
        (await model(command, 'a draft')).stdout,
        /^Note: reference\.json: is provisional, .*; "npx swath model profile 'a draft' --data FILE" makes one/m,
      );
  });

  describe('beside another', () => {
    const other = ['droughtwatch-indices', '1.0.0'] as const;
    const live = async () => JSON.parse((await model('list', '--json')).stdout).live as Record<string, unknown>[];
    const own = { name: NAME, version: '1.0.0', accepts: ['*'], since: null };

    test('a model is live only once it is promoted with --beside', async () => {
      assert.deepEqual(await live(), [own]);
      const { code, stdout } = await model('promote', other.join('/'), '--beside', '--accepts', 'south/*', '*.npy');
      assert.equal(code, 0);
      assert.match(
        stdout,
        /^droughtwatch-indices 1\.0\.0 is promoted: it classifies new files from now on\. The alarms /m,
      );
      assert.match(stdout, /^droughtwatch-indices +1\.0\.0 +south\/\*, \*\.npy +20/m);
      const [first, second] = await live();
      assert.deepEqual(first, own);
      assert.partialDeepStrictEqual(second, { name: other[0], version: other[1], accepts: ['south/*', '*.npy'] });
      assert.match((await model('list')).stdout, /^live +version +takes +since +runs +predictions +last run$/m);
    });

    test('its keys change, and its place and time stay', async () => {
      const [, before] = await live();
      const { stdout } = await model('promote', other.join('/'), '--accepts', 'north/*');
      assert.match(
        stdout,
        /^\S+ 1\.0\.0 is promoted already, since \S+\. The alarms and the console follow droughtwatch-baseline, which takes \*\.$/m,
      );
      assert.match(stdout, /^droughtwatch-indices +1\.0\.0 +north\/\* +20/m);
      assert.deepEqual((await live())[1], { ...before, accepts: ['north/*'] });
    });

    test('keys that are none are refused, and no version is promoted', async () => {
      const before = await live();
      const many = Array.from({ length: 101 }, (_, i) => `${i}/*`);
      const allowed = 'allowed are keys of files, with \\* for any text:';
      for (const [keys, says] of [
        [[''], `found "", ${allowed} 'south/\\*'`],
        [['--reason', 'x'], `found "--reason", ${allowed} 'south/\\*'`],
        [['north/*', 'm0/'], `found "m0/", ${allowed} 'm0/\\*'`],
        [many, 'at most 100 patterns of keys'],
      ] as const) {
        await refuses(['promote', `${NAME}/1.10.0`, '--accepts', ...keys], new RegExp(says));
        assert.deepEqual(await live(), before);
      }
    });

    test('a version of the one leaves the other alone', async () => {
      const [, beside] = await live();
      await model('promote', `${NAME}/1.10.0`);
      assert.deepEqual(await live(), [{ ...own, version: '1.10.0' }, beside]);
      await model('rollback', NAME);
      assert.deepEqual(await live(), [own, beside]);
      await refuses(['rollback', other[0]], /Nothing is known of a version that was promoted before/);
    });

    test('it goes, comes back, and is not the last to go', async () => {
      const { stdout } = await model('retire', other[0]);
      const first = `The alarms and the console follow ${NAME}, which takes *.`;
      assert.equal(stdout, `${other[0]} classifies no new files from now on. Live: ${NAME}. ${first}\n`);
      assert.deepEqual(await live(), [own]);
      for (const name of other) assert.equal((await model('retire', name)).code, 2);
      await refuses(['retire', NAME], /is the only model that is live here/);
      await model('promote', other.join('/'), '--beside');
      const taken = (await live()).map(({ name, accepts }) => `${name} ${JSON.stringify(accepts)}`);
      assert.deepEqual(taken, [`${NAME} ["*"]`, `${other[0]} ["*"]`]);
    });

    test('a file that is sent has a run by each, and all of them are followed', async () => {
      writeFileSync(join(cwd, 'sent'), sceneOf('sent', 2));
      type Line = { run: string; state: string; model: { name: string } };
      const brief = (lines: Line[]) => lines.map(({ model, state }) => `${model.name} ${state}`);
      const { code, stdout } = await swathHere(['send', 'sent', '--json'], cwd);
      const lines = jsonLines<Line>({ stdout });
      assert.deepEqual([code, brief(lines)], [0, [`${NAME} DONE`, `${other[0]} DONE`]]);
      const runs = jsonLines<Line>(await swathHere(['runs', '--json'], cwd));
      assert.deepEqual(new Set(runs.map(({ run }) => run)), new Set(lines.map(({ run }) => run)));
      const unfollowed = jsonLines<Line>(await swathHere(['send', 'sent', '--no-follow', '--json'], cwd));
      assert.deepEqual(
        unfollowed.map(({ run, model }) => ({ run, model })),
        lines.map(({ run, model }) => ({ run, model })),
      );
      const asTable = (await swathHere(['send', 'sent'], cwd)).stdout;
      for (const name of [NAME, other[0]]) assert.match(asTable, new RegExp(`/sent \\(${name}\\) +\\w{8} +DONE`));
    });

    test('a file fails if the run of the second model does', async () => {
      const onnx = join(cwd, '.swath/models', ...other, 'model.onnx');
      writeFileSync(join(cwd, 'half'), sceneOf('half', 2));
      renameSync(onnx, `${onnx}.away`);
      const { code, stdout } = await swathHere(['send', 'half', '--json'], cwd);
      renameSync(`${onnx}.away`, onnx);
      const states = jsonLines<{ state: string }>({ stdout }).map(({ state }) => state);
      assert.deepEqual([code, states], [1, ['DONE', 'FAILED']]);
      const again = await swathHere(['send', 'half', '--json'], cwd);
      assert.deepEqual([again.code, jsonLines(again).length], [0, 2], 'and is tried again');
      const dry = await swathHere(['backfill', '--dry-run'], cwd);
      assert.match(dry.stdout, /^2 files looked at: 0 to start, 2 have a run\.$/m);
    });
  });

  describe('in the place of another', () => {
    const other = 'droughtwatch-indices';
    const names = async () =>
      JSON.parse((await model('list', other, '--json')).stdout).live.map((one: { name: string }) => one.name);
    const last = async () =>
      jsonLines<{ model: { name: string } }>(await swathHere(['runs', '--json'], cwd))[0]!.model.name;

    test('a promoted model is live on a laptop, and classifies new files', async () => {
      await model('retire', other);
      const { code, stdout } = await model('promote', `${other}/1.0.0`);
      assert.equal(code, 0);
      assert.match(stdout, /^droughtwatch-indices 1\.0\.0 is promoted already, since /);
      assert.match(
        stdout,
        /^It replaces droughtwatch-baseline; restart "npm start" .* To have both: npx swath model promote droughtwatch-baseline\/1\.0\.0 --beside$/m,
      );
      assert.deepEqual(await names(), [other]);
      assert.match((await model('list')).stdout, /^model +droughtwatch-indices$/m, 'it is the one that is meant');
      writeFileSync(join(cwd, 'after'), sceneOf('after', 2));
      assert.equal((await swathHere(['classify', 'after'], cwd)).code, 0);
      assert.equal(await last(), other);
    });

    test('a package is, once it is published with --promote', async () => {
      const { stdout } = await model('publish', 'first', '--promote');
      assert.match(stdout, /^droughtwatch-baseline 1\.0\.0 is promoted already, since /m);
      assert.match(stdout, /^It replaces droughtwatch-indices; /m);
      assert.deepEqual(await names(), [NAME]);
    });

    test('the next model is the first once the first is retired, and the command names it', async () => {
      await model('promote', `${other}/1.0.0`, '--beside', '--accepts', 'south/*');
      const { stdout } = await model('retire', NAME);
      assert.match(
        stdout,
        /Live: droughtwatch-indices\. The alarms and the console follow droughtwatch-indices, which takes south\/\*, after a restart of "npm start"\.$/m,
      );
      assert.match((await model('list')).stdout, /^model +droughtwatch-indices$/m);
      const { stdout: back } = await model('promote', `${NAME}/1.0.0`);
      assert.match(back, /^It replaces droughtwatch-indices; /m);
      assert.doesNotMatch(back, /The alarms and the console follow/);
    });

    test('start --model FOLDER has it classify, and the console follow it', async (t) => {
      const running = startSwath(['start', '--model', 'indices'], cwd);
      t.after(() => running.kill('SIGKILL'));
      await running.says(/Ctrl-C stops\.\n/);
      assert.match(running.output.stdout, new RegExp(`^The promoted model is ${other} 1\\.0\\.0\\.$`, 'm'));
      assert.match(
        running.output.stdout,
        new RegExp(`^This folder classifies with ${other}, and the demonstration needs `, 'm'),
      );
      const [url] = /http:\S+?:\d+/.exec(running.output.stdout)!;
      const shown = (await (await fetch(`${url}/api/models`)).json()) as { name: string };
      assert.equal(shown.name, other);
      running.kill('SIGINT');
      assert.equal((await running.ended).code, 0);
      assert.deepEqual(await names(), [other]);
    });

    test('start --model NAME has the model classify that was promoted under it before', async () => {
      await serveModel(openDataFolder(join(cwd, '.swath')), NAME);
      assert.deepEqual(await names(), [NAME]);
    });

    const unknown =
      /^swath: indces is neither a folder, nor a model that was promoted in \S+ before, nor one that comes with Swath \(.*s2-scl.*\)\. .* model list/;
    for (const [args, says] of [
      [['start', '--model', 'indces'], unknown],
      [['start', '--model', 'indces', '--data-dir', 'new'], unknown],
      [['start', '--model', 'no package', '--data-dir', 'new'], /^swath: no package: item\.json: found no such file/],
      [['classify', 'no package/scene', '--model', 'indces', '--data-dir', 'new'], unknown],
      [['model', 'publish', 'no package', '--data-dir', 'new'], /^swath: no package: item\.json: found no such file/],
      [['feed', 'add', 'all', '--data-dir', 'new'], /^swath: there is no feed "all" yet/],
      [['features', 'put', 'a', '--group', 'b', '--data-dir', 'new'], /^swath: a: allowed is a file \*\.csv/],
    ] as const)
      test(`${args.join(' ')} says what is allowed, starts nothing, and makes no data folder`, async () => {
        mkdirSync(join(cwd, 'no package'), { recursive: true });
        writeFileSync(join(cwd, 'no package/scene'), 'x');
        const { code, stdout, stderr } = await swathHere([...args], cwd);
        assert.deepEqual([code, stdout], [2, '']);
        assert.match(stderr, says);
        assert.ok(!existsSync(join(cwd, 'new')));
      });
  });

  for (const [what, args, says] of [
    ['publish of a package without a model', ['publish', 'no model'], /^swath: no model: model\.onnx is missing\.$/m],
    ['publish of no package', ['publish', '.'], /item\.json: found no such file, each package has one$/m],
    ['publish of nothing', ['publish'], /missing required argument 'package'/],
    ['no such command', ['publsh'], /unknown command 'publsh'/],
    ['none at all', [], /Usage: swath model/],
  ] as const)
    test(`${what}: exit code 2, and a sentence`, async () => {
      cpSync(BUNDLED, join(cwd, 'no model'), { recursive: true });
      rmSync(join(cwd, 'no model/model.onnx'));
      await refuses(args, says);
    });
});

test('where none is promoted, area and list say which versions are published, and how to promote one', async () => {
  const cwd = temporaryFolder();
  const { models } = openDataFolder(join(cwd, '.swath'));
  cpSync(BUNDLED, join(models, 'beans/2.0.0'), { recursive: true });
  const says =
    /(?:published|promoted)\. Published are beans\/2\.0\.0\. To promote one: npx swath model promote beans\/2\.0\.0\n$/;
  const { code, stderr } = await swathHere(['area'], cwd);
  assert.equal(code, 1);
  assert.match(stderr, says);
  assert.match((await swathHere(['model', 'list'], cwd)).stdout, says);
  cpSync(BUNDLED, join(models, 'digits/1.0.0'), { recursive: true });
  assert.match(
    (await swathHere(['area'], cwd)).stderr,
    /beans\/2\.0\.0, digits\/1\.0\.0\. .* promote NAME\/VERSION\n$/,
  );
});
