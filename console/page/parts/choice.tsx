import { type Route, replaceQuery } from '../route.ts';

/** One of a few, chosen from a list that opens. */
export function Choice({
  label,
  value,
  options,
  onChoose,
}: {
  label: string;
  value: string;
  options: [value: string, text: string][];
  onChoose: (value: string) => void;
}) {
  return (
    <label>
      <span>{label}</span>{' '}
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** How many days a page looks back. */
export function DaysChoice({ route, spans, days }: { route: Route; spans: string[]; days: string }) {
  return (
    <Choice
      label="Show"
      value={days}
      options={spans.map((span) => [span, span === '1' ? 'the last day' : `the last ${span} days`])}
      onChoose={(chosen) => replaceQuery(route, { days: chosen })}
    />
  );
}
