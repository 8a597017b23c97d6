import { useEffect, useId, useState } from 'preact/hooks';
import { dayOf, isDay } from '../../../core/base/time/days.ts';
import { type Period, periodProblem } from '../../period.ts';
import { outsideText } from '../outsideText.ts';
import { type ChosenPeriod, CUSTOM, choiceText, periodIn } from '../period.ts';
import { type Query, type Route, replaceQuery } from '../route.ts';
import { useStatus } from '../status.ts';
import { Choice } from './choice.tsx';

/** The service's day: its clock may be another than the browser's. */
function useToday(): string {
  return dayOf(new Date(useStatus()?.now ?? Date.now()));
}

/** What a page is about, as its address says. */
export function usePeriod({ query }: Route, spans: string[], usual: string): ChosenPeriod {
  const today = useToday();
  return periodIn(query, { spans, usual, today });
}

/** How many days a page looks back, or from which day to which other. */
export function PeriodChoice({
  route,
  spans,
  usual,
  period: { choice, named, problem },
  kept = {},
}: {
  route: Route;
  /** What else the page's address says, which stays. */
  kept?: Query;
  spans: string[];
  usual: string;
  period: ChosenPeriod;
}) {
  return (
    <div class="period">
      <Choice
        label="Show"
        value={choice}
        options={[...spans, CUSTOM].map((one): [string, string] => [one, choiceText(one)])}
        onChoose={(chosen) => replaceQuery(route, { ...kept, ...(chosen === CUSTOM ? named : { days: chosen }) })}
      />
      {choice === CUSTOM && (
        <DaysForm
          named={named}
          problem={problem && `${problem} Shown are ${choiceText(usual)}.`}
          onDays={(days) => replaceQuery(route, { ...kept, ...days })}
        />
      )}
    </div>
  );
}

/** Two days, taken together when both are there: on the way from one period to another most of what is typed is none. */
function DaysForm({
  named,
  problem: first,
  onDays,
}: {
  named: Period;
  problem: string | null;
  onDays: (days: Period) => void;
}) {
  const today = useToday();
  const id = useId();
  const [problem, setProblem] = useState(first);
  const [typed, setTyped] = useState(named);
  useEffect(() => {
    setProblem(first);
    setTyped(named);
  }, [first, named.from, named.to]);
  const field = (name: keyof Period, label: string) => (
    <label>
      <span>{label}</span>{' '}
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
      {field('from', 'from')}
      {field('to', 'to')}
      <button type="submit">Show these days</button>
      {problem !== null && (
        <p id={id} class="small problem" role="alert">
          {outsideText(problem)}
        </p>
      )}
    </form>
  );
}
