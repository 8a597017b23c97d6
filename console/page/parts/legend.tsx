import { count } from '../../../charts/format.ts';
import { outsideText } from '../outsideText.ts';

/** What the colours of a map or a scene stand for, and how many things have each. */
export function Legend({ entries }: { entries: { name: string; colour: string; isHatched?: boolean; n?: number }[] }) {
  return (
    <ul class="legend">
      {entries.map(({ name, colour, isHatched = false, n }) => (
        <li key={name}>
          <svg class="swatch" viewBox="0 0 16 8" aria-hidden="true">
            <rect width="16" height="8" rx="1.5" style={{ fill: isHatched ? 'none' : colour }} />
            {isHatched && <path d="M0 8 8 0M4 8l8-8M8 8l8-8" style={{ stroke: colour, strokeWidth: 1.5 }} />}
            <rect x="0.5" y="0.5" width="15" height="7" rx="1" style={{ stroke: 'var(--quiet)', strokeWidth: 0.5 }} />
          </svg>
          {outsideText(name)} {n !== undefined && <span class="quiet">{count(n)}</span>}
        </li>
      ))}
    </ul>
  );
}
