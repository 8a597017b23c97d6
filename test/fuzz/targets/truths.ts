import assert from 'node:assert/strict';
import { readTableOfTruths } from '../../../core/doors/truth/tableOfTruths.ts';
import { chipInWords, encodeTruths, isTruthsMessage, parseTruths } from '../../../core/doors/truth/truth.ts';
import type { Dice } from '../dice.ts';
import { damage } from '../mutate/bytes.ts';
import { damageJson } from '../mutate/json.ts';
import type { Target } from '../target.ts';

const AT = '2026-03-02T10:00:00.000Z';

export function truthOf(dice: Dice): object {
  const chip = dice.pick([
    { request: 'r-1', id: 'a' },
    { request: 'r-1', index: dice.below(1010) },
    { scene: 'north/a.csv', index: dice.below(5) },
    { scene: 'a', sceneVersion: 'v1', chip: '0123456789abcdef-7' },
  ]);
  return { ...chip, truth: dice.pick(['cows-1', 'Cows 3plus', 2, 1.5, 'sheep', ['cows-1', 'cows-2'], []]) };
}

/** Truths as messages of a queue: what is read of one is a message again, which says the same of the same chips. */
export const truthsMessage: Target = {
  name: 'truthsMessage',
  limits: { share: 20, refuses: ['InvalidMessage'], bytesPerByte: 400 },
  make: (dice) => {
    const truths = Array.from({ length: 1 + dice.below(3) }, () => truthOf(dice));
    const again = dice.once(3) ? { again: { since: AT, delaySeconds: 60 } } : {};
    const message = { truth: { model: 'digits', at: AT, truths, ...again } };
    return dice.once(2) ? damageJson(message, dice) : new TextEncoder().encode(JSON.stringify(message));
  },
  read: (bytes) => {
    const { read, ...message } = parseTruths(new TextDecoder().decode(bytes));
    const text = encodeTruths(message);
    assert.ok(isTruthsMessage(text) && !/[\n\ufffe\uffff]/.test(text));
    assert.deepEqual(parseTruths(text).read, read);
  },
};

const HEADERS = ['scene,index,truth', 'scene;chip_id;truth', 'request_id,member,truth', 'x\tscene\tindex\ttruth'];
/** What may stand in a column; and what may not, or elsewhere. */
const CELLS: Record<string, string[]> = {
  scene: ['north/a.csv', '"a ""b"""'],
  index: ['7', '1e3'],
  chip_id: ['0123456789abcdef-7'],
  truth: ['cows-1', '2', '', '"cows-1;cows-2"'],
  request_id: ['r-1'],
  member: ['inputs[2]', 'field 4'],
};
const ANY = ['', '-1', '"', '7.5', 'north/a.csv', 'é'];

/** Tables of truths: each row names a chip, or the file is refused. */
export const tableOfTruths: Target = {
  name: 'tableOfTruths',
  limits: { share: 15, refuses: ['InvalidMessage'], bytesPerByte: 400 },
  make: (dice) => {
    const header = dice.pick(HEADERS);
    const delimiter = /[,;\t]/.exec(header)![0];
    const row = () => cellsOf(header.split(delimiter), dice).join(delimiter);
    const lines = [header, ...Array.from({ length: dice.below(4) }, row)];
    const whole = new TextEncoder().encode(`${lines.join('\n')}\n`);
    return dice.once(2) ? damage(whole, dice) : whole;
  },
  read: async (bytes) => {
    const { truths, empty } = await readTableOfTruths('a.csv', bytes, AT);
    assert.ok(truths.length + empty > 0);
    for (const one of truths) assert.ok(chipInWords(one.chip).length < 500);
  },
};

function cellsOf(columns: readonly string[], dice: Dice): string[] {
  return columns.map((column) => dice.pick(dice.once(20) ? ANY : (CELLS[column] ?? ANY)));
}
