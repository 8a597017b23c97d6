import { useEffect, useId, useState } from 'preact/hooks';
import { dayOf, isDay } from '../../../core/base/time/days.ts';
import { type Period, periodProblem } from '../../period.ts';
import { outsideText } from '../outsideText.ts';
import { type ChosenPeriod, CUSTOM, choiceText, periodIn } from '../period.ts';
import { changeQuery, type Route } from '../route.ts';
import { useStatus } from '../useAnswer.ts';
import { Choice } from './controls.tsx';

/** The service's day: its clock may be another than the browser's. */
const useToday = (): string => dayOf(new Date(useStatus()?.now ?? Date.now()));

type PagePeriod = ChosenPeriod & { route: Route; spans: string[]; usual: string };

/** What a page is about, as its address says: one of some numbers of days to look back, or from which day to which other. */
export function usePeriod(route: Route, spans: string[], usual: string): PagePeriod {
  const today = useToday();
  return { ...periodIn(route.query, { spans, usual, today }), route, spans, usual };
}

/** Lets the period be chosen. */
export function PeriodChoice({ period }: { period: PagePeriod }) {
  const { route, spans, usual, choice, named, problem } = period;
  const nameDays = (days: Period) => changeQuery(route, { days: '', ...days });
  return (
    <div class="period">
      <Choice
        label="Show"
        value={choice}
        options={[...spans, CUSTOM].map((one) => [one, choiceText(one)])}
        onChoose={(days) => (days === CUSTOM ? nameDays(named) : changeQuery(route, { days, from: '', to: '' }))}
      />
      {choice === CUSTOM && (
        <DaysForm named={named} problem={problem && `${problem} Shown are ${choiceText(usual)}.`} onDays={nameDays} />
      )}
    </div>
  );
}

type Days = { named: Period; problem: string | null; onDays: (days: Period) => void };

/** Two days, taken together when both are there: on the way from one period to another most of what is typed is none. */
function DaysForm({ named, problem: first, onDays }: Days) {
  const today = useToday();
  const id = useId();
  const [problem, setProblem] = useState(first);
  const [typed, setTyped] = useState(named);
  useEffect(() => {
    setProblem(first);
    setTyped(named);
  }, [first, named.from, named.to]);
  const field = (name: keyof Period) => (
    <label>
      <span>{name}</span>{' '}
      <input
        type="date"
        value={isDay(typed[name]) ? typed[name] : ''} // an address may name a day that there is not
        onInput={({ currentTarget: { value } }) => setTyped((before) => ({ ...before, [name]: value }))}
        max={today}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : id}
      />
    </label>
  );
  return (
    <form
      noValidate // ours is one sentence about both
      onSubmit={(event) => {
        event.preventDefault();
        const found = periodProblem(typed, today);
        setProblem(found);
        if (found === null) onDays(typed);
      }}
    >
      {field('from')}
      {field('to')}
      <button type="submit">Show these days</button>
      {problem !== null && (
        <p id={id} class="small problem" role="alert">
          {outsideText(problem)}
        </p>
      )}
    </form>
  );
}
