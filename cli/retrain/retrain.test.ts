import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { before, beforeEach, describe, test } from 'node:test';
import { CARD } from '../../core/releases/publication.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { NAME, writePackages } from '../../test/candidates/packages.ts';
import { TRAINING, VERSIONS } from '../../test/candidates/training.ts';
import { sceneOf } from '../../test/scenes.ts';
import { jsonLines, swath as swathApart, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

type Told = { outcome: string; said: string; version?: string };

/** A year, which is usual, is a question for each of its days. */
const LATELY = ['--since', '2d'];

describe('swath retrain', () => {
  const cwd = temporaryFolder();
  const packages = writePackages(cwd, VERSIONS);
  const script = join(cwd, 'train.mjs');
  const swath = (...args: string[]) => swathHere(args, cwd);
  const trained = (divisor: string, ...more: string[]) => ['--', 'node', script, packages.live, divisor, ...more];
  const given = () => JSON.parse(readFileSync(join(cwd, 'given.json'), 'utf8'));

  async function retrain(...args: string[]): Promise<Told & { code: number | null }> {
    const { code, stdout, stderr } = await swath('retrain', '--json', ...LATELY, ...args);
    assert.equal(stdout.split('\n').length, 2, stderr);
    return { code, ...jsonLines<Told>({ stdout })[0]! };
  }

  before(async () => {
    writeFileSync(script, TRAINING);
    await swath('model', 'publish', packages.live, '--promote');
    const files = Array.from({ length: 12 }, (_, i) => `scene-${i}`);
    // Of these bytes, those of three scenes are held out.
    for (const [i, file] of files.entries()) writeFileSync(join(cwd, file), sceneOf(`place-${i}`, 30, 7 * i));
    const { code, stderr } = await swath('classify', ...files);
    assert.equal(code, 0, stderr);
  });
  beforeEach(() => rmSync(join(cwd, 'given.json'), { force: true }));

  test('waits for enough chips whose truth is known', async () => {
    const { code, outcome, said } = await retrain('--fresh', '1000', '--since', '365d', ...trained('255'));
    assert.deepEqual([code, outcome], [0, 'waits']);
    assert.match(
      said,
      /of 12 scenes whose truth is known\. A training needs 1,000 new truths \(--fresh\)\. Corrected ones are learned with them\.$/,
    );
    assert.ok(!existsSync(join(cwd, 'given.json')));
  });

  for (const [title, divisor, why] of [
    [
      'is right less often than the live version',
      '60',
      /Of [\d,]+ held-out chips it has \d+ right, and 1\.0\.0, which is live, \d+\.$/,
    ],
    [
      'says the same of all chips',
      '1e9',
      /It says cows-\S+ of each of the \d+ held-out chips, of which the truth says 4 different things\.$/,
    ],
  ] as const)
    test(`refuses what ${title}, and does not learn the same truths again`, async () => {
      const { code, outcome, said } = await retrain(...trained(divisor));
      assert.deepEqual([code, outcome], [2, 'refused']);
      assert.match(said, why);
      assert.equal((await retrain(...trained(divisor))).outcome, 'unchanged');
      assert.deepEqual(readdirSync(join(cwd, 'retraining')), [], 'nothing is left');
      assert.doesNotMatch((await swath('model', 'list')).stdout, /candidate/);
    });

  test('refuses what has other values for the classes of the live version, by which truths are stated', async () => {
    const renumbered = join(cwd, 'renumbered.mjs');
    const swap = `writeFileSync(out + '/item.json', text.replaceAll('1.0.0', version)
      .replace('"value":0,"name":"cows-0"', '"value":9,"name":"cows-0"').replace(/"value": 0,(\\s+"name": "cows-0")/, '"value": 9,$1'));`;
    writeFileSync(
      renumbered,
      TRAINING.replace("writeFileSync(out + '/item.json', text.replaceAll('1.0.0', version));", swap),
    );
    const { code, outcome, said } = await retrain('--', 'node', renumbered, packages.live, '255');
    assert.deepEqual([code, outcome], [2, 'refused'], said);
    assert.match(
      said,
      / The value of cows-0 is 0 in 1\.0\.0, which is live, and 9 in this one: allowed are the classes /,
    );
  });

  for (const [title, command, code, why] of [
    [
      'ends with an error',
      trained('255', '3'),
      1,
      /^swath: node .*train\.mjs .* 255 3: ended with 3; what it printed says why\.$/m,
    ],
    ['writes no package', ['--', 'node', '--eval', ''], 1, /(item|reference)\.json: found no such file/],
    [
      'writes half a package',
      ['--', `node ${script} ${packages.live} 255; echo half > "$SWATH_RETRAIN_OUT"/model.onnx`],
      1,
      /^swath: \S+package: model\.onnx/m,
    ],
    [
      'puts a link in place of its folder',
      [
        '--',
        `node ${script} ${packages.live} 255; mv "$SWATH_RETRAIN_OUT" ${cwd}/mine-$$; ln -s ${cwd}/mine-$$ "$SWATH_RETRAIN_OUT"`,
      ],
      1,
      /^swath: SWATH_RETRAIN_OUT: found a link, allowed is the folder itself/m,
    ],
    [
      'is to work in a file',
      ['--work', 'train.mjs', ...trained('255')],
      2,
      /^swath: --work: EEXIST.* Allowed is a folder\.$/m,
    ],
    [
      'does not exist',
      ['--', './nothing-here'].concat('argument'),
      2,
      /^swath: \.\/nothing-here: cannot be run: .*ENOENT/m,
    ],
  ] as const)
    test(`says why a training fails that ${title}, and trains again the next time`, async () => {
      for (let i = 0; i < 2; i += 1) {
        const ended = await swath('retrain', ...LATELY, ...command);
        assert.match(ended.stderr, why);
        assert.equal(ended.code, code);
        assert.equal(
          existsSync(join(cwd, 'given.json')),
          title !== 'is to work in a file' && command.some((word) => word.includes(script)),
          'it has trained',
        );
        rmSync(join(cwd, 'given.json'), { force: true });
      }
    });

  test('publishes what is better, with accuracy, calibration, profile and card, trained on whole scenes', async () => {
    const { code, outcome, said, version = '' } = await retrain(...trained('255'));
    assert.deepEqual([code, outcome], [0, 'candidate']);
    assert.match(said, /Held out, 1\.0\.0, which is live: .* It classifies nothing until somebody promotes it\.$/);
    const { files, truths } = given() as { files: string[][]; truths: string[] };
    assert.equal(files.flat().length, 12);
    assert.equal(truths[0], 'scene,index,truth,sample');
    for (const line of truths.slice(1)) assert.ok(files.flat().includes(line.split(',')[0]!), line);
    const folder = join(cwd, '.swath', 'models', NAME, version);
    const [item, reference] = ['item.json', 'reference.json'].map((file) =>
      JSON.parse(readFileSync(join(folder, file), 'utf8')),
    );
    assert.match(item.properties['mlm:output'][0].post_processing_function.expression, /temperature\(/);
    const { 'swath:expected_accuracy': accuracy, 'swath:expected_on': on } = item.properties;
    assert.ok(accuracy > 0.3);
    assert.deepEqual(on, { chips: 88 }, 'each counts by itself');
    assert.equal(Object.keys(reference.bands).length, 11);
    assert.ok(reference.calibration.chips >= 30);
    assert.match(
      readFileSync(join(folder, 'README.md'), 'utf8'),
      /\n## Retraining\n\nThe data of \S+: \d+ chips to train on/,
    );
    assert.equal((await retrain(...trained('255'))).outcome, 'unchanged');
  });

  test('judges by the scenes as they came, whatever the training has made of its data', async () => {
    const spoil = 'cd "$SWATH_RETRAIN_DATA"; rm truth.csv; for file in */*; do echo spoilt > "$file"; done';
    const { outcome, said } = await retrain('--', `node ${script} ${packages.live} 255; ${spoil}`);
    assert.equal(outcome, 'candidate', said);
    assert.match(said, / 88 chips held out, /);
  });

  test('ends what a training leaves behind when it ends', { timeout: 120_000 }, async () => {
    await swathApart(['retrain', ...LATELY, '--', 'sleep 1000 & false'], cwd); // ends once nobody can write to its streams any more
  });

  test('leaves no training behind if it is killed, also none that a shell has started', async () => {
    const [endless, begun] = [join(cwd, 'endless.mjs'), join(cwd, 'begun')];
    writeFileSync(endless, `import { writeFileSync } from 'node:fs'; writeFileSync('${begun}', ''); for (;;);`);
    const shell = `echo $PPID > ${join(cwd, 'pid')}; node ${endless}; true`;
    const running = swathApart(['retrain', ...LATELY, '--', shell], cwd); // ends once nobody can write to its streams any more
    let isOver = false;
    void running.finally(() => (isOver = true));
    while (!existsSync(begun) && !isOver) await new Promise((go) => setTimeout(go, 10));
    process.kill(Number(readFileSync(join(cwd, 'pid'), 'utf8')), 'SIGKILL');
    await running;
  });

  for (const [title, isOther] of [
    ['the same', false],
    ['something else each', true],
  ] as const)
    test(`publishes one version if several calls at once train ${title}, and no call fails`, async () => {
      const [calls, started] = [2, join(cwd, `started by ${title}`)];
      mkdirSync(started);
      const together = join(cwd, `together ${title}.mjs`);
      writeFileSync(
        together,
        `${TRAINING.replace('process.exit(Number(ending));', '')}
        if (${isOther}) {
          const item = JSON.parse(readFileSync(out + '/item.json', 'utf8'));
          item.properties.description = String(process.pid);
          writeFileSync(out + '/item.json', JSON.stringify(item));
        }
        writeFileSync('${started}/' + process.pid, '');
        while (readdirSync('${started}').length < ${calls}) await new Promise((go) => setTimeout(go, 10));
        process.exit();`,
      );
      const versions = () => readdirSync(join(cwd, '.swath', 'models', NAME)).filter((name) => /^20/.test(name));
      const before = versions();
      const command = ['--', 'node', together, packages.live, '255'];
      const running = Array.from({ length: calls }, () =>
        swathApart(['retrain', '--json', ...LATELY, ...command], cwd),
      );
      const told = (await Promise.all(running)).map((ended) => ({ ...ended, ...jsonLines<Told>(ended)[0]! }));
      const wrong = told.filter(({ code, outcome }) => code !== 0 || !['candidate', 'unchanged'].includes(outcome));
      assert.deepEqual(wrong, []);
      assert.equal(versions().length, before.length + 1);
      assert.equal((await retrain(...command)).outcome, 'unchanged');
    });

  test('says of a model that predicts numbers of pixels that it cannot be trained anew', async () => {
    await swath('model', 'publish', join(import.meta.dirname, '../../models/s2-b8a/1.0.0'), '--promote');
    const { code, stderr } = await swath('retrain', '--model', 's2-b8a', '--', 'true');
    assert.equal(code, 2);
    assert.match(stderr, /^swath: s2-b8a\/1\.0\.0 predicts numbers of pixels, of which no truth is kept/m);
  });
});

describe('what a retrained package takes over from the live one', () => {
  const base = temporaryFolder();
  const gate = { min_agreement: 0.1 };
  const packages = writePackages(base, VERSIONS, gate);

  before(async () => {
    const [item, reference] = ['item.json', 'reference.json'].map((name) => join(packages.live, name));
    const edit = (file: string, change: (json: Record<string, object>) => object) =>
      writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8'))), null, 2));
    const stated = { 'swath:abstain': true, 'swath:expected_accuracy': 0.05 };
    edit(item!, (json) => ({ ...json, properties: { ...json['properties'], ...stated } }));
    const calibration = { chips: 1000, right: 700, meanProbability: 0.7, coverage: 0.8, threshold: 0.95 };
    edit(reference!, (json) => ({ ...json, calibration, unit: 'scene' }));
    const tempered = { format: 'swath', expression: 'temperature(1.7)' };
    const text = readFileSync(item!, 'utf8');
    writeFileSync(
      item!,
      text.replace(/"post_processing_function": null/, `"post_processing_function": ${JSON.stringify(tempered)}`),
    );
    assert.notEqual(readFileSync(item!, 'utf8'), text);
    appendFileSync(
      join(packages.live, CARD),
      '\n## Retraining\n\nOld.\n\n## Calibration\n\nOld.\n\n## Last\n\nMine.\n',
    );
    const files = Array.from({ length: 12 }, (_, i) => `scene-${i}`);
    // Of these bytes, two scenes are held out, or one: too few chips for a calibration.
    for (const [i, file] of files.entries()) writeFileSync(join(base, file), sceneOf(`place-${i}`, 29, 7 * i));
    const profile = ['model', 'profile', packages.live, '--data', ...files, '--bands', 'B4', 'B5'];
    for (const command of [profile, ['model', 'publish', packages.live, '--promote']])
      assert.equal((await swathHere(command, base)).code, 0);
    assert.equal((await swathHere(['classify', ...files], base)).code, 0);
  });

  for (const [title, change, heldOut, expected] of [
    ['everything, if the training copies all of it', '', '0.2', { gate, abstain: true, coverage: 0.8 }],
    [
      'everything, if the training writes nothing of it',
      "delete item.properties['swath:gate']; delete item.properties['swath:abstain']; delete reference.calibration; delete reference.bands; delete reference.bandMeans;",
      '0.2',
      { gate, abstain: true, coverage: 0.8 },
    ],
    [
      'the coverage, if the training writes a gate of its own and that it does not abstain',
      "item.properties['swath:gate'] = { min_chips: 7, max_time_ratio: 9 }; item.properties['swath:abstain'] = false;",
      '0.2',
      { gate: { min_chips: 7, max_time_ratio: 9 }, abstain: undefined, coverage: 0.8 },
    ],
    [
      'nothing but the gate, if the training has calibrated it without sets that it could abstain by, and says its accuracy',
      "Object.assign(item.properties, { 'swath:abstain': false, 'swath:expected_accuracy': 0.5 }); reference.calibration = { chips: 50, right: 40 };",
      '0.2',
      { gate, abstain: false, coverage: undefined },
    ],
  ] as const)
    test(title, async () => {
      const cwd = join(base, title);
      cpSync(join(base, '.swath'), join(cwd, '.swath'), { recursive: true });
      const script = join(cwd, 'train.mjs');
      const edits = `for (const file of ['item', 'reference']) globalThis[file] = JSON.parse(readFileSync(out + '/' + file + '.json', 'utf8'));
        ${change}
        for (const file of ['item', 'reference']) writeFileSync(out + '/' + file + '.json', JSON.stringify(globalThis[file]));`;
      writeFileSync(script, TRAINING.replace('process.exit(', `${edits}\nprocess.exit(`));
      const command = [
        'retrain',
        '--json',
        ...LATELY,
        '--held-out',
        heldOut,
        '--',
        'node',
        script,
        packages.live,
        '255',
      ];
      const { stdout, stderr } = await swathHere(command, cwd);
      const { outcome, said, version = '' } = jsonLines<Told>({ stdout })[0]!;
      assert.equal(outcome, 'candidate', stderr);
      const [item, reference] = ['item.json', 'reference.json'].map((file) =>
        JSON.parse(readFileSync(join(cwd, '.swath', 'models', NAME, version, file), 'utf8')),
      );
      const { 'swath:gate': found, 'swath:abstain': abstain } = item.properties;
      const { coverage, chips } = reference.calibration;
      assert.deepEqual({ gate: found, abstain, coverage }, expected);
      assert.notEqual(chips, 1000);
      const { 'swath:expected_accuracy': accuracy, 'swath:expected_on': on } = item.properties;
      assert.ok(accuracy > 0.3, 'its own');
      if (change.includes('expected_accuracy'))
        assert.deepEqual([accuracy, on], [0.5, undefined]); // of data that only it knows
      else assert.ok(on.scenes > 1.9 && on.scenes <= 2 && on.chips <= 58, JSON.stringify(on));
      assert.deepEqual(Object.keys(reference.bands), ['B4', 'B5']);
      if (coverage) assert.match(said, /calibrated by a temperature of [\d.]+, for a coverage of 0\.8\./);
    });

  test('neither temperature, with the sample of which it is, nor sections of the card, nor what a single held-out scene is right in', async () => {
    const cwd = join(base, 'one scene');
    cpSync(join(base, '.swath'), join(cwd, '.swath'), { recursive: true });
    const [script, input] = [join(cwd, 'train.mjs'), join(cwd, 'input.json')];
    writeFileSync(input, JSON.stringify(JSON.parse(String(await readBaselineFile('sample.json'))).input));
    const cli = join(import.meta.dirname, '../swath.mjs');
    const sampled = `const [item, reference] = ['item', 'reference'].map((name) => readFileSync(out + '/' + name + '.json', 'utf8'));
      const { calibration, ...uncalibrated } = JSON.parse(reference);
      writeFileSync(out + '/item.json', item.replace('"swath:abstain": true', '"swath:abstain": false'));
      writeFileSync(out + '/reference.json', JSON.stringify(uncalibrated));
      const { execFileSync } = await import('node:child_process');
      execFileSync(process.execPath, ['${cli}', 'model', 'sample', out, '${input}', '--write']);
      writeFileSync(out + '/item.json', item);
      writeFileSync(out + '/reference.json', reference);`;
    writeFileSync(script, TRAINING.replace('process.exit(', `${sampled}\nprocess.exit(`));
    const command = ['retrain', '--json', ...LATELY, '--held-out', '0.15', '--', 'node', script, packages.live, '255'];
    const { stdout, stderr } = await swathHere(command, cwd);
    const { outcome, said, version = '' } = jsonLines<Told>({ stdout })[0]!;
    assert.equal(outcome, 'candidate', stderr);
    assert.match(said, /no expected accuracy, because a single held-out scene does not show how scenes differ\. /);
    assert.match(said, /are not calibrated, and it abstains from no chip: found \d\d chips/);
    const folder = join(cwd, '.swath', 'models', NAME, version);
    assert.ok(!existsSync(join(folder, 'sample.json')));
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    const { properties } = JSON.parse(read('item.json'));
    assert.equal(properties['mlm:output'][0].post_processing_function, null);
    assert.deepEqual([properties['swath:expected_accuracy'], properties['swath:expected_on']], [undefined, undefined]);
    assert.match(read(CARD), /\n\n## Last\n\nMine\.\n\n## Retraining\n\nThe data of .*single held-out scene.*\n$/);
    assert.doesNotMatch(read(CARD), /Old|## Calibration/);
  });
});

test('scenes of more chips than a profile or a calibration takes make both, of those that come first or are known', async () => {
  const cwd = temporaryFolder();
  const [MOST, KNOWN] = [20_000, 100]; // the most chips of a profile, and the known ones of a scene
  const [live, sample] = ['models/landsat-statlog/1.0.0', 'samples/landsat-statlog/test.csv'].map((path) =>
    join(import.meta.dirname, '../..', path),
  );
  const [head, ...rows] = readFileSync(sample!, 'utf8').trim().split('\n');
  // Of these bytes, one scene is held out.
  const files = Array.from({ length: 2 }, (_, i) => `rows-${i}.csv`);
  for (const [i, file] of files.entries()) {
    const lines = Array.from({ length: MOST + 1 }, (_, row) => rows[(row + KNOWN * (i + 2)) % rows.length]!);
    const unknown = lines.slice(KNOWN).map((line) => line.slice(0, line.lastIndexOf(',') + 1));
    writeFileSync(join(cwd, file), [head, ...lines.slice(0, KNOWN), ...unknown, ''].join('\n'));
  }
  const script = join(cwd, 'train.mjs');
  const edits = `const { bands, bandMeans, calibration, ...rest } = JSON.parse(readFileSync(out + '/reference.json', 'utf8'));
    writeFileSync(out + '/reference.json', JSON.stringify(rest));`;
  writeFileSync(script, TRAINING.replace('process.exit(', `${edits}\nprocess.exit(`));
  for (const command of [
    ['model', 'publish', live!, '--promote'],
    ['classify', ...files],
  ]) {
    const { code, stderr } = await swathHere(command, cwd);
    assert.equal(code, 0, stderr);
  }
  const command = [
    'retrain',
    '--json',
    ...LATELY,
    '--model',
    'landsat-statlog',
    '--held-out',
    '0.5',
    '--',
    'node',
    script,
    live!,
  ];
  const { stdout, stderr } = await swathHere([...command, '255'], cwd);
  const { outcome, said, version = '' } = jsonLines<Told>({ stdout })[0]!;
  assert.equal(outcome, 'candidate', `${stderr} ${said}`);
  assert.doesNotMatch(said, /no profile|not calibrated/);
  const file = join(cwd, '.swath', 'models', 'landsat-statlog', version, 'reference.json');
  const { bands, calibration } = JSON.parse(readFileSync(file, 'utf8'));
  const [, heldOut] = /(\d+) chips held out/.exec(said)!;
  assert.deepEqual([bands.p5_b1.chips, calibration.chips], [MOST, Number(heldOut)], said);
});
