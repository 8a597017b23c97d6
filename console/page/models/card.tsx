import type { JSX } from 'preact';
import type { Markdown } from '../../markdown.ts';
import { outsideLines, outsideText } from '../outsideText.ts';
import { columnsOf, ScrolledTable } from '../parts/table.tsx';

type Part = Markdown[number];

/** A model card: it came from outside, so its Markdown becomes elements, and its HTML stays text. */
export const Card = ({ text }: { text: Markdown }) => <div class="model-card">{text.map(shown)}</div>;

/** The card stands below a heading of the second level. */
const SHOWN_AS: Record<string, string> = { h1: 'h3', h2: 'h4', h3: 'h5', h4: 'h6', h5: 'h6', h6: 'h6', strong: 'b' };

function shown(part: Part, i: number): JSX.Element | string {
  if (typeof part === 'string') return outsideLines(part);
  if (part.tag === 'table') return <CardTable key={i} parts={part.children} />;
  const children = part.children.map(shown);
  if (part.href !== undefined)
    return (
      <a key={i} href={part.href} rel="noreferrer external">
        {children}
      </a>
    );
  const Tag = (SHOWN_AS[part.tag] ?? part.tag) as 'p';
  return <Tag key={i}>{children}</Tag>;
}

function CardTable({ parts }: { parts: Markdown }) {
  const cells = parts.flatMap(childrenOf).map(childrenOf);
  const [head = [], ...rows] = cells.map((row) => row.map(cellOf));
  const label = `Table of the model card: ${outsideText((cells[0] ?? []).map(textOf).join(', '))}`; // a card may have several
  return <ScrolledTable label={label} columns={columnsOf(head)} rows={rows} />;
}

const textOf = (part: Part): string => (typeof part === 'string' ? part : part.children.map(textOf).join(''));

const childrenOf = (part: Part): Markdown => (typeof part === 'string' ? [] : part.children);

function cellOf(cell: Part) {
  const children = childrenOf(cell).map(shown);
  return children.length === 0 ? null : children;
}
