import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as errors from '../../core/base/errors.ts';
import { readDefinition } from '../../local/stack/service.ts';
import advice from '../../observability/errorAdvice.json' with { type: 'json' };

const NAMES_WITH_ADVICE = advice.flatMap(({ errors }) => errors);

/** docs/failures.md: each row is backed by a test that there is, and no error goes without a word. */

const ROOT = new URL('../../', import.meta.url);
const document = readFileSync(new URL('docs/failures.md', ROOT), 'utf8');

/** A row of a table about failures: its cells, and the notes that name its tests. */
type Row = { cells: string[]; notes: string[] };
/** A file, and titles of tests in it. */
type Proof = { path: string; titles: string[] };

/** The rows of the tables that say what fails; the one of errors' names is another kind. */
function rowsOf(text: string): Row[] {
  const rows: Row[] = [];
  let isInTable = false;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) isInTable = false;
    else if (line.startsWith('| what fails |')) isInTable = true;
    else if (isInTable && !line.startsWith('| --- ')) {
      const cells = line.slice(1, -1).split(' | ');
      rows.push({ cells, notes: [...line.matchAll(/\[\^([\w-]+)\]/g)].map(([, note]) => note!) });
    }
  }
  return rows;
}

/** What each note names. Throws at one that is not written as notes are. */
function notesOf(text: string): Map<string, Proof[]> {
  const lines = [...text.matchAll(/^\[\^([\w-]+)\]: (.*)$/gm)];
  return new Map(lines.map(([, note, proofs]) => [note!, proofs!.split('; [').map((proof) => proofOf(proof, note!))]));
}

function proofOf(text: string, note: string): Proof {
  const [, name, path, titles] = /^\[?([^\]]+)\]\(\.\.\/([^)]+)\): "(.*)"$/.exec(text) ?? [];
  if (path === undefined || titles === undefined || !`/${path}`.endsWith(`/${name}`))
    throw new Error(
      `note ${note}: found ${JSON.stringify(text)}, allowed is [file.ts](../folder/file.ts): "title", "title"`,
    );
  return { path, titles: titles.split('", "') };
}

/**
 * Whether a source has a test, or a group of tests, by a title: written where the test is, in a table of cases or as a
 * constant. A single word may be there by chance.
 */
function hasTest(source: string, title: string): boolean {
  const literals = ["'", '"', '`'].map((quote) => quote + title.replaceAll(quote, `\\${quote}`) + quote);
  const isThere = literals.some((literal) => source.includes(literal));
  return isThere && title.includes(' ') && /\b(test|it|describe)\(/.test(source);
}

const rows = rowsOf(document);
const notes = notesOf(document);

const OUR_ERRORS = Object.entries(errors)
  .filter(([, value]) => value.prototype instanceof Error)
  .map(([name]) => name);

describe('docs/failures.md', () => {
  test('has rows of four cells, each with a test that it names', () => {
    assert.ok(rows.length > 60);
    for (const { cells, notes: named } of rows) {
      assert.equal(cells.length, 4, cells.join(' | '));
      assert.ok(
        cells.every((cell) => cell.trim() !== ''),
        cells.join(' | '),
      );
      assert.ok(named.length > 0, `no test is named: ${cells.join(' | ')}`);
    }
  });

  test('has a note for each row, and none besides', () => {
    const named = rows.flatMap((row) => row.notes);
    assert.deepEqual([...notes.keys()].sort(), named.sort());
  });

  for (const [note, proofs] of notes)
    test(`${note}: names tests that there are`, () => {
      for (const { path, titles } of proofs) {
        assert.ok(existsSync(new URL(path, ROOT)), `${path} is not there`);
        const source = readFileSync(new URL(path, ROOT), 'utf8');
        assert.deepEqual(
          titles.filter((title) => !hasTest(source, title)),
          [],
          `${path} has no such test`,
        );
      }
    });

  test('has a word on each error that the ledger can show', () => {
    const retried = JSON.stringify(readDefinition()).matchAll(/"((?:Lambda|Sandbox|States|Runtime)\.\w+)"/g);
    const names = new Set([
      ...OUR_ERRORS,
      ...[...retried]
        .map(([, name]) => name!)
        .filter((name) => name !== 'States.ALL' && name !== 'States.StringToJson'),
      ...NAMES_WITH_ADVICE,
      'ExecutionLost',
      'NotSettled',
      'States.DataLimitExceeded',
      'States.Runtime',
      'States.TaskFailed',
    ]);
    const [, table = ''] = document.split("## By the error's name");
    assert.ok(names.size > 20);
    assert.deepEqual(
      [...names].filter((name) => !table.includes(`\`${name}\``)),
      [],
    );
  });

  test('has a word on no error of ours that there is not', () => {
    const [, table = ''] = document.split("## By the error's name");
    const named = [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell]) => cell!.replaceAll('`', '').split(', '));
    const ours = named.filter((name) => !name.includes('.')); // the others are Lambda's and those of Step Functions
    const known = new Set([...OUR_ERRORS, 'ExecutionLost', 'JobFailed', 'NoOutcome', 'NotSettled']);
    assert.deepEqual(
      [...ours, ...NAMES_WITH_ADVICE.filter((name) => !name.includes('.'))].filter((name) => !known.has(name)),
      [],
    );
    assert.ok(ours.length > 10);
  });

  test('leads to sections that there are', () => {
    const slug = (heading: string) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-');
    for (const [, file, section] of document.matchAll(/\]\(((?:[\w.]+\.md)?)#([\w-]+)\)/g)) {
      const text = file === '' ? document : readFileSync(new URL(`docs/${file}`, ROOT), 'utf8');
      const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => slug(heading!));
      assert.ok(headings.includes(section!), `${file}#${section} is not there`);
    }
  });
});

describe('the look-up would not pass with', () => {
  const source = [
    "describe('a group', () => {",
    '  test(`of $' + '{what} is left`, () => {});',
    "  const cases = [['it is \\'so\\'']];",
    "  const state = 'DONE';",
  ].join('\n');
  test('a title that is not there, a word found by chance, or a file without tests', () => {
    for (const title of ['a group', 'of $' + '{what} is left', "it is 'so'"]) assert.ok(hasTest(source, title), title);
    for (const title of ['a grou', 'another group', 'DONE']) assert.ok(!hasTest(source, title), title);
    assert.ok(!hasTest("const title = 'a group';", 'a group'));
  });

  test('a row without a note, or a note that is written in another way', () => {
    const table =
      '| what fails | does | see | do |\n| --- | --- | --- | --- |\n| a[^one] | b | c | d |\n| e | f | g | h |\n\n| i |';
    assert.deepEqual(
      rowsOf(table).map((row) => row.notes),
      [['one'], []],
    );
    assert.throws(() => notesOf('[^one]: a test of that kind'), /note one: found "a test of that kind"/);
    assert.throws(() => notesOf('[^one]: [a.ts](../b/c.ts): "title here"'), /note one/);
    assert.deepEqual(notesOf('[^one]: [a.ts](../b/a.ts): "t one", "t two"; [d.ts](../d.ts): "t three"').get('one'), [
      { path: 'b/a.ts', titles: ['t one', 't two'] },
      { path: 'd.ts', titles: ['t three'] },
    ]);
  });
});
