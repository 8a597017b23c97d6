import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Feeds, LandAreas, Runs, ShownFeed, Status } from '../../console/api.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { freePort } from '../freePort.ts';
import { encodeGeoTiff } from '../geoTiff.ts';
import { framesWithTruth, sceneOf } from '../scenes.ts';
import { shardChips } from '../suite/shardChips.ts';
import { shardRaster } from '../suite/shardRaster.ts';
import { temporaryFolder } from '../swath.ts';
import { findBrowser, launch, reasonToSkip } from './browser.ts';
import { startDemonstration } from './demonstration.ts';
import { findingsOn, openPage, overflow, until, type WatchedPage } from './watchedPage.ts';

const WIDE = { width: 1280, height: 860 };
const PHONE = { width: 360, height: 740 };
/** A name that would do harm as markup, and one that would pose as another by turning its end around. */
const HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)<script>\u2028\u001b\u3164\u202Efdp.tfrecord';
/** What the page makes of it. */
const SHOWN = '"><img src=x onerror=alert(1)><script>alert(2)<script>\\u2028\\u001b\\u3164\\u202efdp.tfrecord';

const VERDICT = 'No drift.';

const executable = findBrowser();
const skip = reasonToSkip(executable);
if (skip) console.error(`SKIPPED: ${skip}`);

describe('the console in a browser, on a demonstration', { skip }, () => {
  const screenshots = process.env['SWATH_SCREENSHOTS']; // a folder
  let demonstration: Awaited<ReturnType<typeof startDemonstration>>;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;

  after(async () => {
    await browser?.close();
    await demonstration?.close();
  });
  const cwd = temporaryFolder(); // goes away after the browser and the demonstration

  before(async () => {
    demonstration = await startDemonstration(cwd);
    demonstration.drop(HOSTILE, new TextEncoder().encode('no records'));
    browser = await launch(executable!);
    watched = await openPage(browser, demonstration.url);
    ({ page } = watched);
  });

  /** Goes to a page as a reader would who follows a link, and waits until what it is about is there. */
  async function open(hash: string, about: string): Promise<void> {
    await page.goto(`/${hash}`);
    await page.getByText(about).first().waitFor();
    // What the last address has shown stays until there is an answer, and is marked as old after the next frame.
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))');
    await until(page, 'document.querySelector("main .waiting, main [aria-busy=true]") === null');
  }

  /** Keeps a picture of a page for a person, where there is a folder for it: it takes a third of the suite's time, and proves nothing. */
  async function picture(name: string, { of = page, fullPage = false } = {}): Promise<void> {
    if (screenshots) await of.screenshot({ path: join(screenshots, `${name}.png`), fullPage });
  }

  /** Looks at the page in both themes and widths. The second theme has the same elements in other colours. */
  async function look(name: string): Promise<void> {
    for (const [colorScheme, rule] of [['light'], ['dark', 'color-contrast']] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(WIDE);
      assert.deepEqual(await findingsOn(page, rule), [], `${name}, ${colorScheme}`);
      for (const size of [WIDE, PHONE]) {
        await page.setViewportSize(size);
        await until(page, 'document.getAnimations().length === 0');
        assert.equal(await overflow(page), 0, `${name} is wider than a window of ${size.width} pixels`);
        await picture(`${name}-${colorScheme}-${size.width}`, { fullPage: true });
      }
    }
    await page.setViewportSize(WIDE);
  }

  test('Overview: the verdict with its numbers, the alarms, what runs, and a chart for each panel', async () => {
    await open('#/', 'Does the model still behave?');
    await page.getByRole('heading', { name: VERDICT }).waitFor();
    await page
      .getByText(/^The predicted classes are 0\.\d{3} away from the reference, within the threshold of 0\.25, /)
      .waitFor();
    await page.getByRole('heading', { name: 'Alarms' }).waitFor();
    await page.getByRole('heading', { name: 'Running now' }).waitFor();
    for (const title of ['Prediction drift', 'Class shares', 'Chips and predictions', 'Blank chips'])
      await page
        .getByRole('img', { name: new RegExp(`^${title}, `) })
        .locator('svg')
        .first()
        .waitFor();
    await look('overview');
  });

  test('Overview: below the fold, each group of details opens', async () => {
    await open('#/', 'Does the model still behave?');
    for (const group of await page.locator('details.group > summary').all()) await group.click();
    await page.getByRole('heading', { name: 'Scene files by end state' }).waitFor();
    await page.getByRole('heading', { name: 'Newest', exact: true }).waitFor();
    await page.getByText('Numbers of Prediction drift', { exact: true }).first().click();
    await page.getByRole('region', { name: 'Numbers of Prediction drift' }).getByRole('row').nth(10).waitFor();
    await look('overview-details');
  });

  test('Runs: found by search, narrowed by state, sorted by the heads of the columns', async () => {
    await open('#/runs', 'replay-seed-1/day-15');
    await look('runs');
    const files = page.locator('table.runs tbody tr');
    const drift = page.getByRole('columnheader', { name: 'Drift' });
    await drift.getByRole('button').press('Enter');
    await page.locator('th[aria-sort="descending"]', { hasText: 'Drift' }).waitFor();
    await until(page, sortedBy(2));
    await page.getByRole('searchbox').fill('day-07/blank');
    await page.getByText('1 run match').waitFor();
    assert.match(await files.first().innerText(), /blank\.tfrecord[\s\S]*EMPTY/);
    await open('#/runs', 'replay-seed-1/day-15');
    await page.getByRole('link', { name: /^DUPLICATE 1$/ }).click();
    await page.getByText('1 run match').waitFor();
    assert.match(await files.allInnerTexts().then(String), /^replay-seed-1\/day-03\/LC08-scene-1-again\.tfrecord/);
  });

  test('a run: its steps, its shares against the reference, and its chips', async () => {
    await open('#/runs?search=day-04/LC08-scene-1', 'day-04/LC08-scene-1');
    await page.getByRole('link', { name: /day-04\/LC08-scene-1/ }).click();
    await page.getByRole('heading', { level: 1, name: /day-04\/LC08-scene-1/ }).waitFor();
    for (const name of [/^Times: preprocess \d/, /^Share of each class: cows-0 /, /^Drift 0\.\d+; the noise floor/])
      await page.getByRole('img', { name }).locator('svg').waitFor();
    await page.getByRole('heading', { name: 'Accuracy, where truth is known' }).waitFor();
    await page.getByText(/ of \d+ predictions with a known truth were right/).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Retry' }).count(), 0, 'nothing is to be retried');
    await look('run');
    await page.getByRole('link', { name: 'Its chips' }).click();
    await page.getByText('The chips of one run').waitFor();
  });

  test('Chips: a picture of each, the least certain first, right or wrong', async () => {
    await open('#/chips', 'Brightness is stretched');
    await until(
      page,
      '[...document.images].length > 0 && [...document.images].filter((image) => image.complete).every((image) => image.naturalWidth === 65)',
    );
    const alternatives = await page.evaluate('[...document.images].map(({ alt }) => alt)');
    const certainties = (alternatives as string[]).map((text) =>
      Number(/^Chip: cows-\S+, (\d+)\u00a0%$/.exec(text)?.[1]),
    );
    assert.ok(certainties.length >= 12);
    assert.deepEqual(
      certainties,
      certainties.toSorted((a, b) => a - b),
      'the least certain first',
    );
    await page
      .getByRole('button', { name: /^Chip: cows-/ })
      .first()
      .click();
    const large = page.getByRole('dialog', { name: /^Chip: cows-/ });
    await large.waitFor();
    assert.ok((await large.getByRole('img').boundingBox())!.width > 400, 'a chip grows');
    assert.deepEqual(await findingsOn(page), []);
    await picture('chip-enlarged-1280');
    await page.keyboard.press('Escape');
    await large.waitFor({ state: 'detached' });
    await page.getByLabel('Day').selectOption({ index: 8 }); // the labels of the newest days are not known yet
    await page.getByLabel('Truth').selectOption('wrong');
    await page
      .getByText(/^wrong: it is/)
      .first()
      .waitFor();
    await until(
      page,
      "![...document.querySelectorAll('.truth')].some(({ innerText }) => innerText.trim() === 'right')",
    );
    await page.getByLabel('Truth').selectOption('');
    await page.locator('.truth').first().waitFor();
    assert.match(await page.locator('.truth').first().innerText(), /^(right|wrong: it is cows-)/);
    await page.getByLabel('Day').selectOption({ index: 1 });
    await page
      .getByRole('link', { name: /\/day-\d+\/LC0\d-scene-/ })
      .first()
      .waitFor();
    await page.getByLabel('Day').selectOption('');
    await look('chips');
    await page.getByLabel('Class').selectOption('cows-1');
    await until(page, "[...document.images].every(({ alt }) => alt.startsWith('Chip: cows-1, '))");
  });

  test('Drift: the reference against what came lately, and each day', async () => {
    await open('#/drift', 'Day by day');
    for (const name of [/^Share of each class: /, /^Prediction drift of /])
      await page.getByRole('img', { name }).locator('svg').waitFor();
    const verdicts = await page.locator('[aria-label="Judged days"] table tbody td:nth-child(2)').allInnerTexts();
    const expected = [...Array(10).fill('no drift'), ...Array(2).fill('drift'), ...Array(3).fill('no drift')];
    assert.deepEqual(verdicts, expected, 'days 4 and 5 drift, the newest first');
    await look('drift');
    const [report] = await Promise.all([
      page.waitForEvent('popup'),
      page
        .getByRole('link', { name: /^report on/ })
        .first()
        .click(),
    ]);
    await report.getByRole('heading', { name: 'Least certain chips' }).waitFor();
    await report.setViewportSize({ width: 390, height: 740 });
    const hidden = await report.evaluate(`(() => {
      const chart = document.querySelector('[aria-label="Chart of drift"]');
      const end = (element) => element.getBoundingClientRect().right;
      return [chart.scrollWidth > chart.clientWidth, Math.round(end(chart.querySelector('svg')) - end(chart))];
    })()`);
    assert.deepEqual(hidden, [true, 0], 'a phone begins at the newest day');
    await picture('report-light-390', { of: report, fullPage: true });
    await report.close();
  });

  test('Drift and Overview: from one day to another, by keyboard, and kept in the address', async () => {
    await open('#/drift', 'Day by day');
    const judged = () => page.locator('[aria-label="Judged days"] table tbody th').allInnerTexts();
    const days = (await judged()).map((text) => text.slice(0, 10));
    const [last, first] = [days[2]!, days[5]!]; // the newest stand first
    await page.getByRole('combobox').selectOption('custom');
    const [from, to] = [page.getByLabel('from', { exact: true }), page.getByLabel('to', { exact: true })];
    assert.equal(await to.inputValue(), String(((await page.evaluate('location.hash')) as string).slice(-10)));
    await from.focus();
    await page.keyboard.type(asTyped(first));
    await to.focus();
    await page.keyboard.type(asTyped(last));
    await page.keyboard.press('Enter');
    await until(page, `location.hash.includes('from=${first}&to=${last}')`);
    await until(page, `document.querySelectorAll('[aria-label="Judged days"] table tbody tr').length === 4`);
    assert.deepEqual(
      (await judged()).map((text) => text.slice(0, 10)),
      days.slice(2, 6),
      'both ends included',
    );
    assert.equal(await page.evaluate('document.activeElement.type'), 'date', 'the focus stays');
    await look('drift-custom');
    await open(`#/drift?from=${last}&to=${last}`, 'Day by day');
    assert.deepEqual([await from.inputValue(), await to.inputValue()], [last, last], 'the days of the address');

    await open(`#/?from=${first}&to=${last}`, 'Does the model still behave?');
    await page
      .getByRole('img', { name: /^Prediction drift, / })
      .locator('svg')
      .first()
      .waitFor();
    await look('overview-custom');
    await page.getByRole('combobox').selectOption('7');
    await until(page, "location.hash === '#/?days=7'");
  });

  test('Models: the live version and its card', async () => {
    await open('#/models', 'Source and licence');
    await page.getByRole('heading', { name: '1.1.0 live' }).waitFor();
    await look('models');
  });

  test("Outbox: the alarms' e-mails", async () => {
    await open('#/outbox', 'the newest first');
    await page.getByRole('link', { name: /ALARM: swath-local-drift: Predictions drift/ }).click();
    await page.getByRole('heading', { name: /ALARM: swath-local-drift: Predictions drift/ }).waitFor();
    await page.getByText(/#\/runbook\/drift/).waitFor(); // the e-mail of a console that runs leads into it
    await look('outbox');
  });

  test('the name of a file is text, whatever it holds', async () => {
    await open(`#/runs?search=${encodeURIComponent('<img')}`, SHOWN);
    const made = "[document.querySelectorAll('img').length, document.scripts.length]";
    assert.deepEqual(await page.evaluate(made), [0, 1], 'no picture, and no script but the page’s own');
    await page.getByRole('link', { name: /<img src=x/ }).click();
    await page.getByText('What to do:').waitFor();
    assert.ok((await page.getByRole('heading', { level: 1 }).innerText()).includes(SHOWN));
    assert.ok(!/[[\p{Cc}\p{Cf}]--[\n\t]]/v.test(await page.locator('main').innerText()), 'nothing that does not show');
    assert.deepEqual(await page.evaluate(made), [0, 1]);
    assert.match(await page.title(), /Run [\da-f]{8} · Runs · Swath$/);
    await look('run-invalid');
  });

  test('a failed run is tried again: asked first, then live, without reloading', async () => {
    await open('#/runs', 'replay-seed-1/day-15');
    const complete = demonstration.promoteIncomplete('1.2.0');
    demonstration.drop('unlucky.tfrecord', sceneOf('unlucky', 30));
    await page.getByRole('link', { name: /unlucky\.tfrecord/ }).waitFor(); // it comes by itself
    await page.getByRole('link', { name: /^FAILED 1$/ }).click();
    await page.getByRole('link', { name: /unlucky\.tfrecord/ }).click();
    await page.getByText('ObjectNotFound').first().waitFor();
    await look('run-failed');
    complete();
    await page.getByRole('button', { name: 'Retry…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Retry this file?' });
    await dialog.waitFor();
    assert.deepEqual(await findingsOn(page), []);
    await picture('retry-dark-1280');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Retry…' }).click();
    await dialog.getByRole('button', { name: 'Retry', exact: true }).click();
    await page.locator('.run-head').getByText('DONE').waitFor();
    await page.getByText('2 of 3').waitFor(); // the attempts
    assert.equal(await page.getByRole('button', { name: 'Retry…' }).count(), 0);
  });

  test('a version that changed is marked, and listed', async () => {
    await open('#/models', 'Source and licence');
    await page.getByRole('heading', { name: '1.2.0 live' }).waitFor();
    await open('#/', 'Does the model still behave?');
    await page.locator('figure svg text', { hasText: '1.2.0' }).first().waitFor();
    await look('overview-new-version');
    await open('#/runs', 'unlucky.tfrecord');
    await page.getByRole('columnheader', { name: 'Model' }).waitFor(); // only where there are several
  });

  test('predictions that drift turn the verdict and the alarm red while one looks on', async () => {
    await open('#/', 'Predictions do not drift, but seem no better than a plain guess.');
    demonstration.drop('far.tfrecord', sceneOf('far', 400, 0, [...framesWithTruth(2), ...framesWithTruth(3)]));
    await page.getByRole('heading', { name: /^Predictions drift/ }).waitFor();
    await page.getByRole('heading', { name: 'ALARM Predictions drift' }).waitFor();
    await page.getByRole('link', { name: 'docs/runbook.md#drift' }).click();
    await page.getByText('What to do', { exact: true }).waitFor();
    await look('runbook');
    await page.goBack();
    await page.getByRole('heading', { name: 'ALARM Predictions drift' }).waitFor();
    await page.getByText('First: hold back maps made since then').waitFor();
    await look('overview-drift');
  });

  test('what runs now shows how far it is', async () => {
    const { page: open, close } = await openPage(browser, demonstration.url);
    const runs = (await (await open.request.get('/api/runs')).json()) as Runs;
    const running = { ...runs.runs[0]!, state: 'PREPARED' as const, progress: { done: 3, parts: 8 } };
    const status = (await (await open.request.get('/api/status')).json()) as Status;
    await open.route('**/api/status', (route) => route.fulfill({ json: { ...status, running: [running] } }));
    await open.goto('/');
    await open.getByText('3 of 8 parts classified').waitFor();
    assert.equal(await open.getByRole('progressbar').getAttribute('value'), '3');
    await close();
  });

  test('a raster: its chips on it, of which one grows when it is pressed, and one by keyboard', async () => {
    demonstration.drop('kenya.tif', shardRaster());
    await open('#/runs', 'kenya.tif');
    await page.getByRole('link', { name: 'kenya.tif' }).click();
    await page.getByRole('heading', { name: 'The scene' }).waitFor();
    await until(page, 'document.querySelector(".scene-picture")?.naturalWidth === 512');
    const chips = page.getByRole('button', { name: /^The scene's chips: chip \d+, cows-/ });
    await chips.click();
    const large = page.getByRole('dialog', { name: /^Chip: cows-/ });
    await large.getByText('#40').waitFor(); // the middle one of 81
    await until(page, 'document.querySelector("dialog img").naturalWidth === 65');
    assert.deepEqual(await findingsOn(page), []);
    await picture('run-scene-chip-1280');
    await large.getByRole('button', { name: 'Close' }).click();
    await large.waitFor({ state: 'detached' });
    await chips.press('Home');
    for (const [key, chip] of [
      ['ArrowRight', 1],
      ['ArrowDown', 10],
      ['ArrowLeft', 9],
    ] as const) {
      await chips.press(key);
      await page
        .getByRole('status')
        .filter({ hasText: `chip ${chip}, cows-` })
        .waitFor();
    }
    await chips.press('Enter');
    await large.getByText('#9').waitFor();
    await page.keyboard.press('Escape');
    await large.waitFor({ state: 'detached' });
    assert.match((await page.evaluate('document.activeElement.ariaLabel')) as string, /chip 9,/, 'where one was');
    await look('run-scene');
    await page.getByRole('radio', { name: 'Class' }).press('ArrowRight');
    await page.getByText('20\u00a0% to 40\u00a0%').waitFor();
    const item = await page.getByRole('link', { name: /\.json$/ }).getAttribute('href');
    assert.equal(((await (await page.request.get(item!)).json()) as { stac_version: string }).stac_version, '1.1.0');
  });

  test('a raster of a model of pixels: its map over it, as much as one likes', async () => {
    await demonstration.classify('coast.tif', await coast(), 's2-scl/1.0.0');
    await open('#/runs', 'coast.tif');
    await page.getByText('2018-01-06 15:33').first().waitFor();
    await page.getByRole('link', { name: /coast\.tif/ }).click();
    const map = page.locator('.scene-map');
    await map.waitFor();
    await until(page, 'document.querySelector(".scene-map").naturalWidth === 300');
    const opacity = 'getComputedStyle(document.querySelector(".scene-map")).opacity';
    assert.equal(await page.evaluate(opacity), '0.7');
    await page.getByRole('slider', { name: 'Opacity' }).press('ArrowLeft');
    await until(page, `${opacity} === '0.65'`);
    await look('run-map');
    await page.getByText('Nothing', { exact: true }).click();
    await map.waitFor({ state: 'detached' });
  });

  test('Map: the scenes are placed on earth, with the land of each class, and an outline leads to its run', async () => {
    await page.route('**/api/areas*', (route) => route.fulfill({ json: LAND }));
    await open('#/map', '2 runs on the map');
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await page.getByRole('button', { name: 'All runs' }).click();
    await page.getByLabel('Colour by').selectOption('drift');
    await page
      .locator('.legend')
      .getByText(/^0(\.\d)? (to|or) /)
      .first()
      .waitFor();
    await page.getByText('Corrected').waitFor();
    const scenes = page.getByRole('img', { name: /^Drift of 1 scene, from 2018-01-06 to 2018-01-06$/ });
    await scenes.waitFor();
    await page.getByLabel('Dated by').selectOption('arrived');
    await scenes.waitFor({ state: 'detached' });
    await page.getByLabel('Colour by').selectOption('state');
    await page.locator('.legend').getByText('DONE').waitFor();
    await look('map');
    await page.getByLabel('Version').selectOption('s2-scl/1.0.0');
    await page.getByText('1 run on the map').waitFor();
    assert.equal(await page.getByLabel('Colour by').inputValue(), 'state', 'one filter leaves the others');
    await page.locator('.earth a').click();
    await page.getByRole('heading', { level: 1, name: /coast\.tif/ }).waitFor();
  });

  test('Feeds: none says how to add one; of many, those that fail come with why, and each has its area and runs', async () => {
    await open('#/feeds', 'npx swath feed add NAME');
    await look('feeds-none');
    const runs = (await (await page.request.get('/api/runs')).json()) as Runs;
    await page.route('**/api/feeds', (route) => route.fulfill({ json: feedsOf(runs) }));
    await page.reload();
    await open('#/feeds', '50 feeds.');
    const feeds = page.getByRole('article');
    assert.match(await feeds.nth(0).innerText(), /fails\s+3 looks in a row: stac\.example\.org answers 503, 4 times\./);
    assert.match(await feeds.nth(1).innerText(), /cannot be read\s+.*allowed is what "swath feed add" writes\. Add it/);
    assert.match(await feeds.nth(2).innerText(), /paused\s+Its Items cannot be classified: no live model takes them\./);
    assert.ok((await feeds.nth(3).innerText()).includes(`${SHOWN} of ${SHOWN}`), 'the collection and the API are text');
    assert.match(await feeds.nth(4).innerText(), /Area\s+everywhere\s+Clouds\s+any[\s\S]*12 Items listed, 3 taken/);
    assert.deepEqual(await page.evaluate("[document.querySelectorAll('img').length, document.scripts.length]"), [0, 1]);
    assert.equal(await page.locator('.area-map').count(), 48);
    await look('feeds');
    await feeds.nth(4).locator('.lines a').first().click();
    await page.getByRole('heading', { level: 1, name: runs.runs[0]!.file.slice(0, 12) }).waitFor();
    await page.unroute('**/api/feeds');
  });

  test('Predict: dropped images are answered at once, and a file that is no image is reported', async () => {
    await open('#/predict', 'Drop images here');
    const { planes } = shardChips[0]!;
    const chip = encodeGeoTiff({ width: 65, height: 65, bands: planes as Uint8Array[] });
    await page.locator('input[type=file]').setInputFiles([
      { name: 'chip.tif', mimeType: 'image/tiff', buffer: Buffer.from(chip) },
      { name: 'none.png', mimeType: 'image/png', buffer: Buffer.from('no image') },
    ]);
    const [first, second] = [page.locator('.predicted').nth(0), page.locator('.predicted').nth(1)];
    await second.waitFor();
    assert.match(await first.innerText(), /chip\.tif\s+cows-1 with a probability of 97/);
    assert.match(await second.innerText(), /none\.png\s+found a file that starts with/);
    await look('predict');
  });

  test('Models: a version is compared with the live one: numbers, confusion, and the chips that differ most', async () => {
    await demonstration.compare('1.3.0');
    await open('#/models', 'Source and licence');
    await page.getByRole('link', { name: 'Compare with 1.2.0' }).last().click();
    await page.getByText('79 chips of 1 file that both have classified').waitFor();
    await page.getByText(/^Agreement: 1\.2\.0 and 1\.3\.0 say the same of [\d.]+\s% of 79 chips/).waitFor();
    await page.getByText("McNemar's test").waitFor();
    await page.getByRole('heading', { name: 'What became what' }).waitFor();
    assert.equal(await page.locator('.chips li').count(), 24);
    await page.locator('.chips li').last().scrollIntoViewIfNeeded();
    await until(page, '[...document.images].every((image) => image.complete && image.naturalWidth === 65)');
    await look('diff');
  });

  test('Models: a version that its gate refuses is promoted only with a reason, and rolled back; the history shows both', async () => {
    // A page of its own: a browser takes a refusal for an error, and reports it.
    const { page: models, close } = await openPage(browser, demonstration.url);
    await models.goto('/#/models');
    await models
      .getByRole('article')
      .filter({ hasText: '1.3.0 not live' })
      .getByRole('button', { name: 'Promote…' })
      .click();
    const dialog = models.getByRole('dialog', { name: 'Promote 1.3.0?' });
    await dialog.getByRole('button', { name: 'Promote', exact: true }).click();
    await dialog.getByText('1.3.0 is not promoted, 1.2.0 stays.').waitFor();
    await dialog.getByText(/^Accuracy: of 79 chips whose truth is known/).waitFor();
    assert.equal(await dialog.getByRole('button', { name: 'Promote anyway' }).isDisabled(), true);
    assert.deepEqual(await findingsOn(models), []);
    await picture('promote-refused-1280', { of: models });
    await dialog.getByLabel('Why promote it anyway').fill('the labels are wrong');
    await dialog.getByRole('button', { name: 'Promote anyway' }).click();
    await models.getByRole('heading', { name: '1.3.0 live' }).waitFor();
    await models.locator('.live-model', { hasText: '1.3.0' }).waitFor();
    await models.getByRole('button', { name: 'Roll back…' }).click();
    await models
      .getByRole('dialog', { name: 'Back to 1.2.0?' })
      .getByRole('button', { name: 'Roll back', exact: true })
      .click();
    await models.getByRole('heading', { name: '1.2.0 live' }).waitFor();
    const told = await models.locator('table.promotions tbody tr').allInnerTexts();
    assert.match(
      told.slice(0, 3).join(' '),
      /rolled back\s+1\.2\.0\s[\s\S]*promoted anyway\s+1\.3\.0\s[\s\S]*the labels are wrong[\s\S]*refused\s+1\.3\.0/,
    );
    await close();
    await open('#/models', 'Promotions');
    await look('models-history');
  });

  test('by keyboard: the first stop leads past the navigation, and a new page begins at its heading', async () => {
    await open('#/', 'Does the model still behave?');
    await page.reload();
    await page.getByText('Does the model still behave?').waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'Skip to the content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.tagName'), 'MAIN');
    await page.getByRole('link', { name: 'Drift', exact: true }).press('Enter');
    await until(page, 'document.activeElement.tagName === "H1"');
    assert.equal(await focused(page), 'Drift');
    const ring = 'getComputedStyle(document.activeElement).outlineStyle';
    assert.equal(await page.evaluate(ring), 'solid', 'which shows where the keyboard led there');
    await page.getByRole('link', { name: 'Models', exact: true }).click();
    await until(page, 'document.activeElement.textContent.trim() === "Models"');
    assert.deepEqual([await focused(page), await page.evaluate(ring)], ['Models', 'none'], 'and not behind a click');
  });

  test('all this without an error in the browser, and without a request that leaves the machine', () => {
    assert.deepEqual([watched.errors, watched.foreign], [[], []]);
  });

  test('when the console goes away the page says so, and goes on when it is back', async () => {
    const first = await demonstration.serveConsole(String(await freePort()));
    const { page: open, close } = await openPage(browser, first.url);
    await open.goto('/');
    await open.getByText('Does the model still behave?').waitFor();
    await first.stop();
    await open.getByText('The connection to the console is lost').waitFor();
    assert.ok(await open.getByText('Does the model still behave?').isVisible(), 'what was there stays');
    const second = await demonstration.serveConsole(new URL(first.url).port);
    await open.getByText('The connection to the console is lost').waitFor({ state: 'hidden' });
    await second.stop();
    await close();
  });
});

/** Bands of Sentinel-2 that go from dark to bright, with a corner that has no data, off Ireland. */
async function coast(): Promise<Uint8Array> {
  const folder = new URL('../../models/s2-scl/1.0.0/', import.meta.url);
  const { source } = await readModelPackage((name) => readFile(new URL(name, folder)));
  const [width, height] = [300, 260];
  const bands = source.bands.map((_, band) =>
    Uint16Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      if (x < 60 && y < 40) return 0;
      return 1200 + 25 * x * (1 + Math.sin((y + 9 * band) / 30)) + 300 * band;
    }),
  );
  const place = { epsg: 32629, origin: [500_000, 5_800_000], pixel: 60 } as const;
  return encodeGeoTiff({
    width,
    height,
    bands,
    descriptions: source.bands.map(({ name }) => name),
    nodata: 0,
    dateTime: '2018:01:06 15:33:21',
    ...place,
  });
}

/** What comes of a month of georeferenced files, which the demonstration's are not. */
const LAND: LandAreas = {
  areas: {
    ...{
      model: 'droughtwatch-baseline/1.2.0',
      from: '2026-03-01',
      to: '2026-03-30',
      days: 30,
      hectares: 15_386,
      known: 412,
    },
    classes: [
      { name: 'cows-0', mapped: 9231.7, corrected: { area: 8402.4, interval: [7650.2, 9101.9] } },
      { name: 'cows-1', mapped: 3077.2, corrected: { area: 3590.1, interval: [2890.4, 4405.6] } },
      { name: 'cows-2', mapped: 3000.1, corrected: { area: 3310.5, interval: [2671.5, 4055] } },
      { name: 'cows-3', mapped: 77, corrected: { area: 83, interval: [12.4, 310.6] } },
    ],
  },
};

/** Fifty feeds, the first of which want somebody, or are odd. */
function feedsOf({ runs }: Pick<Runs, 'runs'>): Feeds {
  const at = '2026-03-30T12:00:00.000Z';
  const count = { seen: 12, taken: 3, known: 5, leftOut: 4, refused: 0 };
  const feed = (name: string, more: object = {}, of: Partial<ShownFeed> = {}): ShownFeed => ({
    name,
    feed: {
      ...{ name, api: 'https://stac.example.org/v1', collection: 'sentinel-2-l2a', maxCloud: 40, since: at },
      ...{ hosts: ['data.example.org'], status: 'follows' as const, area: areaAt(10, 50), ...more },
    },
    ...{ state: { at, error: null, failures: 0, day: '2026-03-30', count }, problem: null },
    ...{ next: '2026-03-30T12:15:00.000Z', runs: [], ...of },
  });
  const down = 'stac.example.org answers 503, 4 times.';
  const failed = { at, error: down, failures: 3, day: null, count: null };
  const spoilt = `_feeds/spoilt/feed.json: found “${HOSTILE}”, allowed is what "swath feed add" writes`;
  const refusing = { ...count, refused: 1, why: HOSTILE };
  const shown = [
    feed('down', {}, { problem: down, state: failed }),
    feed('spoilt', {}, { feed: null, problem: spoilt, state: null, next: null }),
    feed('paused', { status: 'paused', why: 'no live model takes them.' }, { next: null }),
    feed(
      HOSTILE,
      { collection: HOSTILE, api: HOSTILE, hosts: [HOSTILE] },
      { state: { at, error: null, failures: 0, day: null, count: refusing } },
    ),
    feed('everywhere', { area: null, maxCloud: null }, { runs: runs.slice(0, 3) }),
    feed('fiji', { area: areaAt(178, -19, 4) }),
  ];
  const others = Array.from({ length: 44 }, (_, i) => feed(`feed-${i}`, { area: areaAt(7 * i - 160, 2 * i - 50) }));
  return {
    schedule: 'Feeds are looked at every 15 minutes.',
    add: 'npx swath feed add NAME',
    feeds: [...shown, ...others],
  };
}

function areaAt(west: number, south: number, size = 1) {
  const [east, north] = [west + size, south + size];
  const ring = [[west, south], [east, south], [east, north], [west, north]] as const; // biome-ignore format: a square
  return { bbox: [west, south, east > 180 ? east - 360 : east, north] as const, rings: [ring] };
}

/** A day as the browser's field has it typed: month, day, year. */
function asTyped(day: string): string {
  const [year, month, date] = day.split('-');
  return `${month}${date}${year}`;
}

async function focused(page: Page): Promise<string> {
  return (await page.evaluate('document.activeElement.textContent.trim()')) as string;
}

/** Whether the numbers in a column of the runs' table fall; what has none is last. */
function sortedBy(column: number): string {
  return `(() => {
    const numbers = [...document.querySelectorAll('table.runs tbody tr')].map((row) => parseFloat(row.cells[${column}].innerText));
    return numbers.every((n, i) => i === 0 || Number.isNaN(n) || n <= numbers[i - 1]);
  })()`;
}
