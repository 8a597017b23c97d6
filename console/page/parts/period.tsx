import { useEffect, useRef } from 'preact/hooks';
import { dayOf, isDay } from '../../../core/base/time/days.ts';
import type { Period } from '../../period.ts';
import { type ChosenPeriod, CUSTOM, choiceText, periodIn } from '../period.ts';
import { changeQuery, type Route } from '../route.ts';
import { useStatus } from './answered.tsx';
import { Choice } from './controls.tsx';

/** The service's day: its clock may be another than the browser's. */
const useToday = (): string => dayOf(new Date(useStatus()?.now ?? Date.now()));

type PagePeriod = ChosenPeriod & { route: Route; spans: string[] };

/** What a page is about, as its address says: one of some numbers of days to look back, or from which day to which other. */
export function usePeriod(route: Route, spans: string[], usual: string): PagePeriod {
  return { ...periodIn(route.query, { spans, usual, today: useToday() }), route, spans };
}

export function PeriodChoice({ period: { route, spans, choice, named } }: { period: PagePeriod }) {
  const nameDays = (days: Period) => changeQuery(route, { days: '', ...days });
  return (
    <div class="period">
      <Choice
        label="Show"
        value={choice}
        options={[...spans, CUSTOM].map((one) => [one, choiceText(one)])}
        onChoose={(days) => (days === CUSTOM ? nameDays(named) : changeQuery(route, { days, from: '', to: '' }))}
      />
      {choice === CUSTOM && <DaysForm named={named} onDays={nameDays} />}
    </div>
  );
}

/** Two days, taken together: on the way from one period to another most of what is typed is none. */
function DaysForm({ named, onDays }: { named: Period; onDays: (days: Period) => void }) {
  const today = useToday();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.reset(), [named.from, named.to]); // a default does not replace what was typed
  const field = (name: keyof Period) => (
    <label>
      <span>{name}</span>{' '}
      <input
        type="date"
        name={name}
        defaultValue={isDay(named[name]) ? named[name] : ''} // an address may name a day that there is not
        max={today}
        required
      />
    </label>
  );
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        const typed = new FormData(event.currentTarget);
        onDays({ from: String(typed.get('from')), to: String(typed.get('to')) });
      }}
    >
      {field('from')}
      {field('to')}
      <button type="submit">Show these days</button>
    </form>
  );
}
