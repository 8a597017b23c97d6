import { precise } from '../../base/text/numbers.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { Said } from '../../package/task.ts';
import { measureDrift } from '../../statistics/measureDrift.ts';
import { agreedIn, changesIn, cohenKappa, countsIn } from '../confusion.ts';
import { type Difference, type DifferenceSummary, number, share } from '../shown.ts';

/** Compares two versions' classes for the same chips. Classes are matched by name, whatever their values. */
export function makeClassDifference(first: PackageFacts, second: PackageFacts): Difference {
  const names = [...new Set([...first.classes, ...second.classes].map(({ name }) => name))];
  const places = new Map(names.map((name, i) => [name, i]));
  const table = names.map(() => new Array<number>(names.length).fill(0));
  const probabilities = { chips: 0, first: 0, second: 0 };

  /** Returns more, the more confident both are in different classes. */
  function add(one: Said, other: Said): number {
    const [row, column] = [places.get(one.text!)!, places.get(other.text!)!];
    table[row]![column]! += 1;
    const [sure, asSure] = [one.probability ?? 0, other.probability ?? 0];
    probabilities.chips += 1;
    probabilities.first += sure;
    probabilities.second += asSure;
    return row === column ? 0 : 1 + sure * asSure;
  }

  function summary(alone = 0): DifferenceSummary {
    const { chips } = probabilities;
    const agreed = agreedIn(table);
    const counts = countsIn(table, names);
    const [before, after] = [counts.map(({ first }) => first), counts.map(({ second }) => second)];
    const { jensenShannon, noiseFloor } = measureDrift({ counts: after, reference: before })!;
    const more = jensenShannon > noiseFloor ? 'more than' : 'no more than';
    return {
      figures: [
        share('Agreement', agreed / (chips + alone), `${agreed.toLocaleString('en')} chips`),
        number("Cohen's kappa", cohenKappa(table)),
        number(
          'Shift of class shares',
          jensenShannon,
          `noise floor ${precise(noiseFloor)}: ${more} chance makes of other chips`,
        ),
        number('Mean probability, first', probabilities.first / chips),
        number('Mean probability, second', probabilities.second / chips),
      ],
      agreement: agreed / (chips + alone),
      counted: { of: 'chip', n: chips, alone },
      names: counts,
      changes: changesIn(table, names),
    };
  }

  return { add, summary };
}
