import { inUnit, QUIET_COLOUR, seriesColour } from '../../../charts/format.ts';
import { rampCss } from '../../../charts/ramp.ts';
import { largest } from '../../../core/base/text/largest.ts';
import type { Scene, SceneChip, SceneMap } from '../../api.ts';

export type ChipGroup = { name: string; colour: string; isHatched: boolean; chips: SceneChip[] };

export type Layer =
  | { id: string; title: string; kind: 'map'; map: SceneMap }
  | { id: string; title: string; kind: 'chips'; groups: ChipGroup[] };

/** All that there is to show of a scene, what says most first; masked chips count in no group but their own. */
export function layersOf({ chips: all, classes, maps }: Pick<Scene, 'chips' | 'classes' | 'maps'>): Layer[] {
  const [masked, chips] = [all.filter(({ isMasked }) => isMasked), all.filter(({ isMasked }) => !isMasked)];
  const hidden = masked.length === 0 ? [] : [group('masked', 'none', masked)];
  const ofChips = (id: string, title: string, groups: ChipGroup[]): Layer[] => {
    const found = groups.filter((group) => group.chips.length > 0);
    return found.length === 0 ? [] : [{ id, title, kind: 'chips', groups: [...found, ...hidden] }];
  };
  return [
    ...maps.map((map): Layer => ({ id: `map-${map.name}`, title: map.title, kind: 'map', map })),
    ...(classes.length === 0 ? [] : ofChips('class', 'Class', byClass(chips, classes))),
    ...ofChips('value', 'Value', byValue(chips)),
    ...ofChips('certainty', 'Certainty', inSteps(chips, CERTAINTY)),
    ...ofChips('truth', 'Right or wrong', byTruth(chips)),
  ];
}

/** So many sets of labels have a colour of their own. */
const SETS = 6;

/** Of many classes, the ten with the most chips have a colour of their own. Sets of several labels are told apart like classes. */
function byClass(chips: SceneChip[], classes: Scene['classes']): ChipGroup[] {
  const of = Map.groupBy(chips, ({ text }) => text);
  const known = new Set(classes.map(({ name }) => name));
  const sets = [...of].flatMap(([text, found]) => (text === null || known.has(text) ? [] : [{ text, found }]));
  sets.sort((a, b) => b.found.length - a.found.length);
  const shown = largest(classes, ({ name }) => of.get(name)?.length ?? 0);
  const own = new Set(shown.map(({ name }) => name));
  const others = classes.flatMap(({ name }) => (own.has(name) ? [] : (of.get(name) ?? [])));
  const rare = sets.slice(SETS).flatMap(({ found }) => found);
  return [
    ...shown.map(({ name, colour }, i) =>
      known.has(name)
        ? group(name, colour ?? seriesColour(i), of.get(name))
        : group(name, 'var(--chart-reference)', others),
    ),
    ...sets.slice(0, SETS).map(({ text, found }, i) => group(text, seriesColour(classes.length + i), found)),
    group('other labels', 'var(--chart-reference)', rare),
    group('no prediction', QUIET_COLOUR, of.get(null)),
  ];
}

/** Steps of a ramp: more could not be told apart. */
const STEPS = 5;

type Ramp = { low: number; high: number; unit: 'share' | 'number'; numberOf: (chip: SceneChip) => number | null };

function inSteps(chips: SceneChip[], { low, high, unit, numberOf }: Ramp): ChipGroup[] {
  const stepOf = (value: number) =>
    high > low ? Math.min(STEPS - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * STEPS))) : 0;
  const of = Map.groupBy(chips, (chip) => {
    const value = numberOf(chip);
    return value === null ? null : stepOf(value);
  });
  const edge = (step: number) => inUnit(low + (step / STEPS) * (high - low), unit);
  return Array.from({ length: STEPS }, (_, step) =>
    group(`${edge(step)} to ${edge(step + 1)}`, rampCss((step + 0.5) / STEPS), of.get(step)),
  );
}

const CERTAINTY: Ramp = { low: 0, high: 1, numberOf: ({ probability }) => probability, unit: 'share' };

function byValue(chips: SceneChip[]): ChipGroup[] {
  const values = chips.flatMap(({ value }) => value ?? []);
  if (values.length === 0) return [];
  const low = values.reduce((least, value) => Math.min(least, value));
  const high = values.reduce((most, value) => Math.max(most, value));
  return inSteps(chips, { low, high, numberOf: ({ value }) => value, unit: 'number' });
}

function byTruth(chips: SceneChip[]): ChipGroup[] {
  const { right, wrong } = Object.groupBy(chips, ({ isRight }) =>
    isRight === null ? 'unknown' : isRight ? 'right' : 'wrong',
  );
  return [group('right', 'var(--good)', right), { ...group('wrong', 'var(--bad)', wrong), isHatched: true }];
}

function group(name: string, colour: string, chips: SceneChip[] = []): ChipGroup {
  return { name, colour, isHatched: false, chips };
}
