import { outsideText } from '../outsideText.ts';

type Choosing = { label: string; value: string; onChoose: (value: string) => void };

export function Choice({ label, value, options, onChoose }: Choosing & { options: [value: string, text: string][] }) {
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

/** One of several names from outside, or all of them; an address may have chosen one that is not known. */
export function NameChoice({ known, all, ...choosing }: Choosing & { known: readonly string[]; all?: string }) {
  const { value } = choosing;
  const names = known.includes(value) || value === '' ? known : [value, ...known];
  const options = names.map((name): [string, string] => [name, outsideText(name)]);
  return <Choice {...choosing} options={all === undefined ? options : [['', all], ...options]} />;
}

/** What a list shows by its filter, all pages of it, as files; `path` answers them, and `query` is the filter. */
export const Downloads = ({ path, query }: { path: string; query: string }) => (
  <span class="downloads">
    {' '}
    Download: <a href={`${path}.csv${query}`}>CSV</a>, <a href={`${path}.parquet${query}`}>Parquet</a>
  </span>
);

/** Steps through pages, counted from 1; nothing where there is one page only. */
export function Pager({ page, pages, href }: { page: number; pages: number; href: (page: string) => string }) {
  if (pages <= 1) return null;
  const step = (to: number, rel: string, words: string) =>
    to < 1 || to > pages ? (
      <span />
    ) : (
      <a class="button" href={href(String(to))} rel={rel}>
        {words}
      </a>
    );
  return (
    <nav class="pager" aria-label="Pages">
      {step(page - 1, 'prev', '← Previous')}
      <span>
        Page {page} of {pages}
      </span>
      {step(page + 1, 'next', 'Next →')}
    </nav>
  );
}
