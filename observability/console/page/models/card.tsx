import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { outsideText } from '../outsideText.ts';
import { Scroller } from '../parts/numbersTable.tsx';
import { type Block, blocksOf, type Inline } from './markdown.ts';

/** A model card: it came from outside, so its Markdown becomes elements, and its HTML stays text. */
export function Card({ text }: { text: string }) {
  const blocks = useMemo(() => blocksOf(text), [text]);
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
      return <pre>{block.text}</pre>;
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
    case 'table':
      return <Table block={block} />;
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

function Line({ line }: { line: Inline[] }) {
  return (
    <>
      {line.map((part, i) => (
        <Part key={i} part={part} />
      ))}
    </>
  );
}

function Part({ part }: { part: Inline }): JSX.Element {
  const text = outsideText(part.text);
  switch (part.kind) {
    case 'code':
      return <code>{text}</code>;
    case 'bold':
      return <b>{text}</b>;
    case 'italic':
      return <em>{text}</em>;
    case 'link':
      return (
        <a href={part.href} rel="noreferrer external">
          {text}
        </a>
      );
    case 'text':
      return <>{text}</>;
  }
}
