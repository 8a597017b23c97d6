import { stripTypeScriptTypes } from 'node:module';
import { type AnyNode, type Property, parse } from 'acorn';
import { changedTests } from './tableExpressions.ts';

/** A small change of meaning: what stands in a source from `start` to `end`, and what would. */
export type Mutant = {
  file: string;
  line: number;
  column: number;
  start: number;
  end: number;
  from: string;
  to: string;
};

type Place = { start: number; end: number };
type Change = Place & { to: string };
type TextOf = (place: Place) => string;

const BOUNDARIES: Record<string, string> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };
const NEGATIONS: Record<string, string> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<', '===': '!==', '!==': '===' };
const ARITHMETIC: Record<string, string> = {
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '**': '*',
  '&': '|',
  '|': '&',
  '^': '&',
  '<<': '>>',
  '>>': '<<',
  '>>>': '<<',
};
const METHODS: Record<string, string> = { min: 'max', max: 'min', some: 'every', every: 'some' };
/** Methods whose answer is like what they are called on. */
const STEPS = ['filter', 'slice', 'subarray', 'sort', 'toSorted', 'reverse', 'toReversed', 'toWellFormed'];
/** Without these the tables refuse a request, whatever it is about. */
const NEEDED_BY_TABLES =
  /^(TableName|Key|Item|IndexName|UpdateExpression|(Key)?ConditionExpression|ExpressionAttribute\w+|[':#].*)$/;
/** What only a log line has. Nothing follows from it. */
const LOG = /^(Object\.assign\(log,|log\[|logLine\()/;

/** Every change that is made to a source, in the order of its text. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const text = withoutTypes(source);
  const textOf: TextOf = ({ start, end }) => text.slice(start, end);
  const changes: Change[] = [];
  const walk = (node: AnyNode, parent?: AnyNode): void => {
    if (node.type === 'ImportDeclaration' || (node.type === 'ExpressionStatement' && LOG.test(textOf(node)))) return;
    changes.push(...changesOf(node, parent, textOf));
    for (const child of childrenOf(node)) walk(child, node);
  };
  walk(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }));
  return changes
    .map(({ to, ...place }) => ({ file, ...placeIn(text, place.start), ...place, from: textOf(place), to }))
    .filter(({ from, to }) => from !== to)
    .sort((one, other) => one.start - other.start || one.end - other.end);
}

/** The source with a change made, as a module that runs. */
export function mutated(source: string, { start, end, to }: Change): string {
  const text = withoutTypes(source);
  return text.slice(0, start) + to + text.slice(end);
}

/** Blanks take the place of types, so all else stays where it is. */
function withoutTypes(source: string): string {
  return stripTypeScriptTypes(source, { mode: 'strip' });
}

function changesOf(node: AnyNode, parent: AnyNode | undefined, textOf: TextOf): Change[] {
  const instead = (...texts: string[]): Change[] => texts.map((to) => ({ start: node.start, end: node.end, to }));
  switch (node.type) {
    case 'IfStatement':
    case 'ConditionalExpression':
      return node.test.type === 'LogicalExpression' ? [] : constants(node.test, 'true', 'false');
    case 'WhileStatement':
    case 'DoWhileStatement':
      return constants(node.test, 'false');
    case 'ForStatement':
      return node.test ? constants(node.test, 'false') : [];
    case 'LogicalExpression': {
      const [left, right] = [`(${textOf(node.left)})`, `(${textOf(node.right)})`];
      if (node.operator === '??') return instead(left);
      return instead(left, right, withOperator(node, node.operator === '&&' ? '||' : '&&', textOf));
    }
    case 'BinaryExpression': {
      if (node.operator === '+' && [node.left, node.right].some(isText)) return [];
      const negation = isCondition(node, parent) ? undefined : NEGATIONS[node.operator];
      const others = [BOUNDARIES[node.operator], negation, ARITHMETIC[node.operator]];
      return instead(...others.flatMap((other) => (other === undefined ? [] : [withOperator(node, other, textOf)])));
    }
    case 'AssignmentExpression': {
      const operator = ARITHMETIC[node.operator.slice(0, -1)];
      return operator === undefined ? [] : instead(withOperator(node, `${operator}=`, textOf));
    }
    case 'UpdateExpression':
      return instead(textOf(node).replace(node.operator, node.operator === '++' ? '--' : '++'));
    case 'UnaryExpression':
      return node.operator === '!' && !isCondition(node, parent) ? instead(textOf(node.argument)) : [];
    case 'ExpressionStatement':
      return isEffect(node.expression) ? instead(';') : [];
    case 'ArrayExpression':
      return node.elements.length > 0 ? instead('[]') : [];
    case 'ObjectExpression':
      return node.properties
        .filter((property) => property.type === 'SpreadElement' || isWorthLeavingOut(property, textOf))
        .map(({ start, end }) => ({ start, end, to: '...{}' }));
    case 'CallExpression':
      return callsInstead(node, textOf);
    case 'MemberExpression':
      return node.optional
        ? instead(
            textOf(node)
              .replace(/\?\.(?!\[)/, '.')
              .replace('?.[', '['),
          )
        : [];
    case 'Literal':
    case 'TemplateLiteral':
      return literalsInstead(node, parent, textOf);
    default:
      return [];
  }
}

function constants({ start, end }: Place, ...texts: string[]): Change[] {
  return texts.map((to) => ({ start, end, to }));
}

/** What is true, false or left out instead of being turned round. */
function isCondition(node: AnyNode, parent: AnyNode | undefined): boolean {
  return parent?.type === 'LogicalExpression' || (parent !== undefined && 'test' in parent && parent.test === node);
}

type Operation = Place & { left: Place; right: Place; operator: string };

function withOperator({ start, end, left, right, operator }: Operation, other: string, textOf: TextOf): string {
  const between = textOf({ start: left.end, end: right.start }).replace(operator, other);
  return textOf({ start, end: left.end }) + between + textOf({ start: right.start, end });
}

/** A true or a false is turned round instead. */
function isWorthLeavingOut({ key, value }: Property, textOf: TextOf): boolean {
  const isBoolean = value.type === 'Literal' && typeof value.value === 'boolean';
  return !isBoolean && !NEEDED_BY_TABLES.test(textOf(key));
}

function callsInstead(node: Extract<AnyNode, { type: 'CallExpression' }>, textOf: TextOf): Change[] {
  const { callee, start, end } = node;
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier' || callee.optional) return [];
  const { name } = callee.property;
  const other = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (other !== undefined) return [{ start: callee.property.start, end: callee.property.end, to: other }];
  return STEPS.includes(name) ? [{ start, end, to: textOf(callee.object) }] : [];
}

/** How much of a text an error cites: one character more or less changes nothing of meaning. */
function isLengthOfCitation(parent: AnyNode | undefined): boolean {
  return parent?.type === 'CallExpression' && 'name' in parent.callee && parent.callee.name === 'citedStart';
}

function literalsInstead(
  node: Extract<AnyNode, { type: 'Literal' | 'TemplateLiteral' }>,
  parent: AnyNode | undefined,
  textOf: TextOf,
): Change[] {
  const { start, end } = node;
  const text = textOf(node);
  if (isText(node)) return changedTests(text, nameOf(parent)).map((to) => ({ start, end, to }));
  if (node.type === 'Literal' && typeof node.value === 'boolean') return [{ start, end, to: String(!node.value) }];
  if (node.type !== 'Literal' || typeof node.value !== 'number' || isLengthOfCitation(parent)) return [];
  return [{ start, end, to: node.value === 1 ? '0' : String(node.value + 1) }];
}

/** The property that a literal is the value of. */
function nameOf(parent: AnyNode | undefined): string {
  return parent?.type === 'Property' && parent.key.type === 'Identifier' ? parent.key.name : '';
}

/** A statement that is there for what it does. */
function isEffect(expression: AnyNode): boolean {
  if (expression.type === 'AwaitExpression') return isEffect(expression.argument);
  if (expression.type === 'UnaryExpression') return isEffect(expression.argument);
  return ['CallExpression', 'AssignmentExpression', 'ChainExpression'].includes(expression.type);
}

function isText(node: AnyNode): boolean {
  return node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string');
}

function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function placeIn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
