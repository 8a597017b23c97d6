import type { JSX } from 'preact';
import type { Block, Inline, Words } from '../../markdown.ts';
import { outsideLines, outsideText } from '../outsideText.ts';
import { Scroller } from '../parts/numbersTable.tsx';

/** A model card: it came from outside, so its Markdown becomes elements, and its HTML stays text. */
export function Card({ blocks }: { blocks: Block[] }) {
  return (
    <div class="model-card">
      <Blocks blocks={blocks} />
    </div>
  );
}

function Blocks({ blocks }: { blocks: Block[] }) {
  return (
    <>
      {blocks.map((block, i) => (
        <OneBlock key={i} block={block} />
      ))}
    </>
  );
}

/** The card stands below a heading of the second level. */
const HEADINGS = ['h3', 'h4', 'h5', 'h6', 'h6', 'h6'] as const;

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
            <li key={i}>
              <Blocks blocks={item} />
            </li>
          ))}
        </List>
      );
    }
    case 'quote':
      return (
        <blockquote>
          <Blocks blocks={block.blocks} />
        </blockquote>
      );
    case 'table':
      return <Table block={block} />;
    case 'rule':
      return <hr />;
  }
}

function Table({ block: { head, rows } }: { block: Extract<Block, { kind: 'table' }> }) {
  const isHeaded = head.some((cell) => cell.length > 0);
  return (
    <Scroller label="Table of the model card">
      <table>
        {isHeaded && (
          <thead>
            <tr>
              {head.map((cell, i) => (
                <th key={i} scope="col">
                  <Line line={cell} />
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map(([first = [], ...rest], i) => (
            <tr key={i}>
              <th scope="row">
                <Line line={first} />
              </th>
              {rest.map((cell, j) => (
                <td key={j}>
                  <Line line={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}

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
