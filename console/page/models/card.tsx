import type { JSX } from 'preact';
import type { Block, Inline, Words } from '../../markdown.ts';
import { outsideLines, outsideText } from '../outsideText.ts';
import { columnsOf, ScrolledTable } from '../parts/table.tsx';

/** A model card: it came from outside, so its Markdown becomes elements, and its HTML stays text. */
export const Card = ({ blocks }: { blocks: Block[] }) => <div class="model-card">{blocks.map(toBlock)}</div>;

/** The card stands below a heading of the second level. */
const HEADINGS = ['h3', 'h4', 'h5', 'h6', 'h6', 'h6'] as const;

const toBlock = (block: Block, i: number) => <OneBlock key={i} block={block} />;

function OneBlock({ block }: { block: Block }): JSX.Element {
  switch (block.kind) {
    case 'heading': {
      const Heading = HEADINGS[block.level - 1] ?? 'h6';
      return (
        <Heading>
          <Line line={block.line} />
        </Heading>
      );
    }
    case 'paragraph':
      return (
        <p>
          <Line line={block.line} />
        </p>
      );
    case 'code':
      return <pre>{outsideLines(block.text)}</pre>;
    case 'list': {
      const List = block.isNumbered ? 'ol' : 'ul';
      return (
        <List>
          {block.items.map((item, i) => (
            <li key={i}>{item.map(toBlock)}</li>
          ))}
        </List>
      );
    }
    case 'quote':
      return <blockquote>{block.blocks.map(toBlock)}</blockquote>;
    case 'table':
      return (
        <ScrolledTable
          label="Table of the model card"
          columns={columnsOf(block.head.map(toLine))}
          rows={block.rows.map((row) => row.map(toLine))}
        />
      );
    case 'rule':
      return <hr />;
  }
}

const toLine = (line: Inline[]) => (line.length === 0 ? null : <Line line={line} />);

function Line({ line }: { line: Inline[] }): JSX.Element {
  return <>{line.map((part, i) => ('href' in part ? <Link key={i} {...part} /> : <Look key={i} words={part} />))}</>;
}

function Link({ href, line }: Extract<Inline, { href: string }>) {
  return (
    <a href={href} rel="noreferrer external">
      <Line line={line} />
    </a>
  );
}

function Look({ words: { text, isCode, isBold, isItalic } }: { words: Words }): JSX.Element {
  let shown = <>{outsideText(text)}</>;
  if (isCode) shown = <code>{shown}</code>;
  if (isItalic) shown = <em>{shown}</em>;
  return isBold ? <b>{shown}</b> : shown;
}
