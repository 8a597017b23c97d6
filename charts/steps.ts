import * as Plot from '@observablehq/plot';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import { duration, QUIET_COLOUR, REFERENCE_COLOUR, seriesColour } from './format.ts';
import { type Drawing, draw, HALO, type Place } from './plot.ts';

/** What a run's time went into, in its order; the last one is what no step accounts for. */
export type StepTime = { step: string; milliseconds: number; isBetween: boolean };

/** What a run's time went into: its steps, and between them the state machine, or a step that failed and has no time of its own. */
export function stepTimes({ milliseconds, error }: Pick<LedgerRow, 'milliseconds' | 'error'>): StepTime[] {
  if (milliseconds === undefined) return [];
  const steps = (['preprocess', 'infer', 'drift'] as const).flatMap((step): StepTime[] => {
    const took = milliseconds[step];
    return took === undefined ? [] : [{ step, milliseconds: took, isBetween: false }];
  });
  const between = (milliseconds.total ?? 0) - steps.reduce((sum, step) => sum + step.milliseconds, 0);
  const step = error === undefined ? 'in between' : 'until it failed';
  return between < 1 ? steps : [...steps, { step, milliseconds: between, isBetween: true }];
}

/** The steps of a run, one after another along its time. */
export function stepsChart(steps: readonly StepTime[], { width = 480, document }: Place = {}): Drawing {
  let end = 0;
  const bars = steps.map((step, i) => {
    const start = end;
    end += step.milliseconds;
    return { ...step, start, end, colour: step.isBetween ? REFERENCE_COLOUR : seriesColour(i) };
  });
  const ticks = Math.max(2, Math.floor(width / 140));
  const text = ({ milliseconds }: StepTime) => duration(milliseconds);
  const words = { y: 'step', x: 'end', text, textAnchor: 'start', dx: 5 } as const;
  return draw(document, {
    width,
    height: 34 + 26 * steps.length,
    margins: [6, 64, 28, 98],
    fontSize: '12px',
    ariaLabel: `Times: ${steps.map((step) => `${step.step} ${text(step)}`).join(', ')}`,
    x: { domain: [0, Math.max(end, 1)] },
    y: { domain: steps.map(({ step }) => step), padding: 0.25 },
    marks: [
      Plot.axisX({ ticks, label: null, color: QUIET_COLOUR, tickFormat: duration }),
      Plot.axisY({ label: null, tickSize: 0, color: QUIET_COLOUR }),
      Plot.barX(bars, { y: 'step', x1: 'start', x2: 'end', fill: 'colour', rx: 2 }),
      Plot.ruleX([0], { stroke: QUIET_COLOUR, strokeOpacity: 0.5 }),
      Plot.text(bars, { ...words, fill: 'currentColor', ...HALO }),
    ],
  });
}
