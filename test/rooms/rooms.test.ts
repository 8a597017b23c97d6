import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { CONTRIBUTING, withRooms } from './contributing.ts';
import { drawRooms, importsBetweenRooms, wrongImports } from './rooms.ts';

describe('the rooms of core', () => {
  test('import only rooms before them', () => assert.deepEqual(wrongImports(importsBetweenRooms()), []));

  test('are reported if they import a later one, or are not listed', () => {
    const imports = [
      { from: 'core/scenes/readChips.ts', to: 'core/ledger/ledger.ts' },
      { from: 'core/scenes/readChips.ts', to: 'core/base/keys.ts' },
      { from: 'core/cellar/a.ts', to: 'core/base/keys.ts' },
    ];
    assert.deepEqual(wrongImports(imports), [
      'core/scenes/readChips.ts imports core/ledger/ledger.ts: scenes comes before ledger. Move what both need into a room before them.',
      'core/cellar/a.ts: cellar is no room of core; test/rooms/rooms.ts lists them.',
    ]);
  });

  test('are drawn without the arrows that follow from others', () => {
    const imports = [
      { from: 'core/package/a.ts', to: 'core/base/b.ts' },
      { from: 'core/tasks/c.ts', to: 'core/package/a.ts' },
      { from: 'core/tasks/c.ts', to: 'core/base/b.ts' },
    ];
    const drawn = ['```mermaid', 'flowchart BT', '  package --> base', '  tasks --> package', '```'];
    assert.equal(drawRooms(imports), drawn.join('\n'));
  });

  test('are shown in CONTRIBUTING.md as they are; npm run docs writes them', () => {
    const text = readFileSync(CONTRIBUTING, 'utf8');
    assert.equal(text, withRooms(text));
  });
});
