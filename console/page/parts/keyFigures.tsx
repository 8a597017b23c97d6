import type { ComponentChildren } from 'preact';

export type Figure = { name: string; value: ComponentChildren; note?: ComponentChildren };

/** A row of key numbers. */
export function KeyFigures({ figures }: { figures: Figure[] }) {
  return (
    <dl class="key-figures">
      {figures.map(({ name, value, note }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <b>{value}</b>
            {note !== undefined && <span>{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
