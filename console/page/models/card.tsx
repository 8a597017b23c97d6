import type { JSX } from 'preact';
import type { Markdown } from '../../markdown.ts';
import { outsideLines } from '../outsideText.ts';
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
  const [head = [], ...rows] = parts.flatMap(childrenOf).map((row) => childrenOf(row).map(cellOf));
  return <ScrolledTable label="Table of the model card" columns={columnsOf(head)} rows={rows} />;
}

const childrenOf = (part: Part): Markdown => (typeof part === 'string' ? [] : part.children);

function cellOf(cell: Part) {
  const children = childrenOf(cell).map(shown);
  return children.length === 0 ? null : children;
}
