import { type ComponentChildren, Fragment } from 'preact';
import { useState } from 'preact/hooks';

export type Column<Row> = {
  head: ComponentChildren;
  /** As `number`, which stands at the right. */
  look?: string | undefined;
  sort?: 'ascending' | 'descending' | undefined;
  /** Of a cell by what it says. */
  cellLook?: (row: Row) => { class?: string; style?: { background: string } };
  cell: (row: Row) => ComponentChildren;
};

export function numbers<Row>(head: string, cell: Column<Row>['cell']): Column<Row> {
  return { head, look: 'number', cell };
}

type Rows<Row> = {
  columns: Column<Row>[];
  rows: readonly Row[];
  /** For screen readers. */
  caption?: string;
  look?: string;
};

/** A table whose rows have their first cell as a name; without a single head, it has no row of them. */
export function Table<Row>({ columns, rows, caption, look }: Rows<Row>) {
  const [name, ...others] = columns;
  if (name === undefined) return null;
  return (
    <table class={look}>
      {caption !== undefined && <caption class="visually-hidden">{caption}</caption>}
      {columns.some(({ head }) => head !== null) && (
        <thead>
          <tr>
            {columns.map((column, i) => (
              <th key={i} scope="col" class={column.look} aria-sort={column.sort}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
      )}
      <tbody>
        {rows.map((row, i) => (
          <tr key={i}>
            <th scope="row">{name.cell(row)}</th>
            {others.map((column, j) => (
              <td key={j} class={column.look} {...column.cellLook?.(row)}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function ScrolledTable<Row>({ label, ...table }: Rows<Row> & { label: string }) {
  return (
    <Scroller label={label}>
      <Table {...table} />
    </Scroller>
  );
}

export const columnsOf = (head: ComponentChildren[]): Column<ComponentChildren[]>[] =>
  head.map((title, i) => ({ head: title, cell: (row) => row[i] }));

export type Numbers = { title: string; head: string[]; rows: () => ComponentChildren[][] };

/** The numbers behind a chart, as a table that is filled in when it is opened. */
export function NumbersTable({ title, head, rows }: Numbers) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details class="numbers" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary class="quiet">
        Numbers<span class="visually-hidden"> of {title}</span>
      </summary>
      {isOpen && <ScrolledTable label={`Numbers of ${title}`} columns={columnsOf(head)} rows={rows()} />}
    </details>
  );
}

/** What may be wider or longer than its place scrolls within it, by keyboard as well. */
export const Scroller = ({ label, children }: { label: string; children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, the keyboard cannot scroll it
  <section class="scroller" aria-label={label} tabIndex={0}>
    {children}
  </section>
);

/** Names and what they stand for; what is false is left out. */
export const Facts = ({ facts }: { facts: (false | [name: ComponentChildren, value: ComponentChildren])[] }) => (
  <dl class="facts">
    {facts.map(
      (fact, i) =>
        fact && (
          <Fragment key={i}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </Fragment>
        ),
    )}
  </dl>
);
