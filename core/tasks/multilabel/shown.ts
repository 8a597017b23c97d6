import { number, type Shown } from '../shown.ts';
import { labelAccuracy } from './labelAccuracy.ts';
import type { LabelCounts } from './labelCounts.ts';
import { NO_LABEL, namesIn } from './labelTruths.ts';
import type { LabelReference } from './reference.ts';
import data from './shown.json' with { type: 'json' };

export const multilabelShown: Shown<LabelCounts, LabelReference> = {
  name: 'multilabel',

  words: data.words,

  brief: (sum) => [number('labels a chip', perChip(sum))],
  figures: (sum) => [number('Labels a chip', perChip(sum), 'on average')],

  accuracy: labelAccuracy,
  told: ({ text = null, truth }) => {
    if (typeof truth !== 'string') return { truth: null, isRight: null };
    const [has, given] = [namesIn(truth), namesIn(text ?? '')];
    const isRight = text === null ? null : has.length === given.length && has.every((name) => given.includes(name));
    return { truth: truth === '' ? NO_LABEL : truth, isRight };
  },

  // Classification's metrics: here, a class's share of the predictions is the share of chips with the label.
  metrics: {},
  panels: [],
};

const perChip = ({ counts, chips }: LabelCounts): number | null =>
  chips === 0 ? null : counts.reduce((all, one) => all + one, 0) / chips;
