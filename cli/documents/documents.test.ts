import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { commandLine } from '../main.ts';

/** What the documents tell a person to type is what the command line takes. */

const ROOT = new URL('../../', import.meta.url);
const HELP = 'cli/commands/help.md';
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', HELP, ...documentsIn('docs/'), ...documentsIn('docs/decisions/')];

function documentsIn(folder: string): string[] {
  return readdirSync(new URL(folder, ROOT)).flatMap((name) => (name.endsWith('.md') ? [folder + name] : []));
}

/** Each command of a document: to the end of its code, or of the sentence that has it. */
function commandsOf(document: string): string[] {
  return [...document.matchAll(/npx swath ([a-z][^`\n#);|>]*)/g)].map(([, command]) => command!.trim());
}

/** The words that are no command's and no option's name; what is quoted, or follows "--", is another program's. */
function strangeWordsOf(command: string): string[] {
  let found = commandLine();
  const strange: string[] = [];
  const own = command.replace(/ -- .*/, '').replaceAll(/"[^"]*"/g, 'TEXT');
  for (const word of own.split(/\s+/)) {
    if (word.startsWith('--')) {
      if (!found.options.some(({ long }) => long === word)) strange.push(word);
    } else if (found.commands.length > 0) {
      const next = found.commands.find((one) => one.name() === word);
      if (next === undefined) return [word];
      found = next;
    }
  }
  return strange;
}

describe('the documents name commands that there are', () => {
  for (const path of DOCUMENTS)
    test(path, () => {
      const commands = commandsOf(readFileSync(new URL(path, ROOT), 'utf8'));
      assert.deepEqual(
        commands.filter((command) => strangeWordsOf(command).length > 0),
        [],
      );
    });

  test('and would not pass with another one', () => {
    const commands = commandsOf(
      '`npx swath model undo --stage dev`, or `npx swath runs --stat FAILED` (npx swath fix)',
    );
    assert.deepEqual(commands.map(strangeWordsOf), [['undo'], ['--stat'], ['fix']]);
    assert.ok(commandsOf(readFileSync(new URL('docs/runbook.md', ROOT), 'utf8')).length > 10);
  });
});

const commandsIn = (command: Command, path: readonly string[] = []): [string, Command][] =>
  command.commands.flatMap((one) => {
    const names = [...path, one.name()];
    return [[names.join(' '), one], ...commandsIn(one, names)];
  });

test('each command has --help, and all but start and work have --json', () => {
  const commands = commandsIn(commandLine()).filter(([, one]) => one.commands.length === 0);
  for (const [name, one] of commands) assert.match(one.helpInformation(), /^ {2}-h, --help /m, name);
  const without = commands.filter(([, { options }]) => !options.some(({ long }) => long === '--json'));
  assert.deepEqual(
    without.map(([name]) => name),
    ['start', 'work'],
  );
});

test('the help has a part for each command, and no other, and each thing in its lists is an option or an argument', () => {
  const all = new Map(commandsIn(commandLine()));
  const [, ...parts] = readFileSync(new URL(HELP, ROOT), 'utf8').split(/^## /m);
  assert.deepEqual(parts.map((part) => part.split('\n')[0]!).toSorted(), [...all.keys()].toSorted());
  for (const part of parts) {
    const { options, registeredArguments } = all.get(part.split('\n')[0]!)!;
    const flags = [...options.map((one) => one.flags), ...registeredArguments.map((one) => one.name())];
    for (const [line] of part.matchAll(/^- .*$/gm)) {
      const taken = /^- `(?:[<[]([\w-]+)(?:\.{3})?[>\]]|(--.+?))`: ./.exec(line);
      assert.ok(flags.includes((taken?.[1] ?? taken?.[2])!), line);
    }
  }
});

test('git ignores what the commands of the documents write into a checkout', (t) => {
  const texts = DOCUMENTS.map((path) => readFileSync(new URL(path, ROOT), 'utf8'));
  const code = texts.flatMap((text) => text.match(/^```bash\n.*?^```$|^ {2}\$ .*$/gms) ?? []);
  const named = /[^<>]> ([\w.-]+)|(?<!aws .*)--(?:parquet|out|to|data-dir) ([\w.][\w.-]*)/g;
  const written = code.flatMap((one) => [...one.matchAll(named)].map(([, to, option]) => to ?? option!));
  const byDefault = ['.swath/', 'labels/', 'retraining/', 'landsat-statlog-1.0.0-calibrated/'];
  const all = [...new Set(written.map((name) => (name.includes('.', 1) ? name : `${name}/`))), ...byDefault];
  assert.ok(all.includes('predictions.parquet') && all.includes('.s2/') && all.includes('labels-2/'));
  const ignored = spawnSync('git', ['check-ignore', '--no-index', ...all], {
    cwd: fileURLToPath(ROOT),
    encoding: 'utf8',
  });
  if (ignored.status === null || ignored.status > 1) return t.skip('NOT TESTED: this is no checkout');
  assert.deepEqual(
    all.filter((name) => !ignored.stdout.split('\n').includes(name)),
    [],
  );
});

describe('the documents lead to files and sections that there are', () => {
  for (const path of DOCUMENTS)
    test(path, () => {
      const text = readFileSync(new URL(path, ROOT), 'utf8').replaceAll(/```.*?```|`[^`\n]*`/gs, '');
      const links = [...text.matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)/g)];
      for (const [link, file, section] of links) {
        const to = file === '' ? new URL(path, ROOT) : new URL(file!, new URL(path, ROOT));
        assert.ok(existsSync(to), link);
        if (section !== undefined) assert.ok(sectionsOf(readFileSync(to, 'utf8')).includes(section), link);
      }
    });
});

/** The sections of a document, as links name them. */
function sectionsOf(document: string): string[] {
  return [...document.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
}
