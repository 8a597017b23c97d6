import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

export type Cell = ComponentChildren;

/** The numbers behind a chart, as a table that is filled in when it is opened. */
export function NumbersTable({ title, head, rows }: { title: string; head: string[]; rows: () => Cell[][] }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details class="numbers" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        Numbers<span class="visually-hidden"> of {title}</span>
      </summary>
      {isOpen && (
        <Scroller label={`Numbers of ${title}`}>
          <table>
            <thead>
              <tr>
                {head.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows().map(([first, ...rest], i) => (
                <tr key={i}>
                  <th scope="row">{first}</th>
                  {rest.map((cell, j) => (
                    <td key={j}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      )}
    </details>
  );
}

/** What may be wider or longer than its place scrolls within it, by keyboard as well. */
export function Scroller({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, the keyboard cannot scroll it
    <section class="scroller" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
