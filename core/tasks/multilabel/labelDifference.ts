import type { PackageFacts } from '../../package/facts.ts';
import type { Said } from '../../package/task.ts';
import { jaccard, meanOf } from '../confusion.ts';
import { type Difference, number, share } from '../shown.ts';
import { namesIn } from './labelTruths.ts';

/** Compares two versions' labels for the same chips. Labels are matched by name. */
export function makeLabelDifference(first: PackageFacts, second: PackageFacts): Difference {
  const names = [...new Set([...first.classes, ...second.classes].map(({ name }) => name))];
  const counts = new Map(names.map((name) => [name, { first: 0, second: 0, both: 0 }]));
  let [chips, same, overlaps, differing] = [0, 0, 0, 0];

  /** Returns more, the less the labels overlap. */
  function add(one: Said, other: Said): number {
    const [ones, others] = [labelsOf(one), labelsOf(other)];
    const both = new Set([...ones].filter((name) => others.has(name)));
    for (const name of ones) counts.get(name)!.first += 1;
    for (const name of others) counts.get(name)!.second += 1;
    for (const name of both) counts.get(name)!.both += 1;
    const overlap = jaccard(both.size, ones.size, others.size) ?? 1; // neither has a label
    chips += 1;
    overlaps += overlap;
    differing += ones.size + others.size - 2 * both.size;
    if (overlap === 1) same += 1;
    return 1 - overlap;
  }

  return {
    add,
    summary: (alone = 0) => {
      const told = names.map((name) => {
        const { both, ...of } = counts.get(name)!;
        return { name, ...of, iou: jaccard(both, of.first, of.second) };
      });
      return {
        figures: [
          share('Agreement', same / (chips + alone), `${same.toLocaleString('en')} chips have the very same labels`),
          number('Jaccard index of a chip', overlaps / chips, 'on average'),
          number('Jaccard index of a label', meanOf(told.map(({ iou }) => iou)), 'on average'),
          share('Hamming loss', differing / (chips * names.length), 'of all labels of all chips, those that differ'),
        ],
        agreement: same / (chips + alone),
        counted: { of: 'chip', n: chips, alone },
        names: told,
      };
    },
  };
}

const labelsOf = ({ text }: Said): Set<string> => new Set(namesIn(text!));
