import { isDeepStrictEqual } from 'node:util';
import validations, { type Operand, type Request, type Section } from 'dynalite/validations/index.js';

/**
 * DynamoDB's expressions on items as the document client has them. dynalite, which is the embedded stack's DynamoDB, reads
 * them, so that what it refuses is refused here; each text is read once, and then only its values are others.
 */

export type Item = Record<string, unknown>;
export type Values = Readonly<Record<string, unknown>>;

/** What a request may hold of expressions. */
export type Expressions = {
  UpdateExpression?: string | undefined;
  ConditionExpression?: string | undefined;
  KeyConditionExpression?: string | undefined;
  ProjectionExpression?: string | undefined;
  ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  ExpressionAttributeValues?: Values | undefined;
};

/** The same, read. Its values are the request's own. */
export type Parsed = {
  update: (item: Item) => void;
  matches: (item: Item) => boolean;
  matchesKey: (item: Item) => boolean;
  /** The attributes that the key condition is about, and of those the ones that have to equal something. */
  keys: { names: Set<string>; equal: Set<string> };
  projected: string[] | undefined;
};

type Read = { request: Request; valueNames: Map<unknown, string>; keys: Parsed['keys'] };

const known = new Map<string, Read>();

/** Reads the expressions of a request; throws what is wrong with them. */
export function parse(expressions: Expressions): Parsed {
  const { ExpressionAttributeValues: values = {} } = expressions;
  const { request, valueNames, keys } = read(expressions);
  const look = (operand: Operand, item: Item): unknown => resolve(operand, item, (one) => values[valueNames.get(one)!]);
  const holds = (expression: Operand | undefined, item: Item): boolean =>
    expression === undefined || isTrue(expression, (operand) => look(operand, item));
  return {
    update: (item) => apply(request._updates?.sections ?? [], item, look),
    matches: (item) => holds(request._condition?.expression, item),
    matchesKey: (item) => holds(request._keyCondition?.expression, item),
    keys,
    projected: request._projection?.paths.map(nameOf),
  };
}

function read(expressions: Expressions): Read {
  const { ExpressionAttributeValues: values, ExpressionAttributeNames: names } = expressions;
  const { UpdateExpression, ConditionExpression, KeyConditionExpression, ProjectionExpression } = expressions;
  const kinds = values && Object.entries(values).map(([name, value]) => `${name} ${kindOf(value)}`);
  const texts = { UpdateExpression, ConditionExpression, KeyConditionExpression, ProjectionExpression };
  const id = JSON.stringify([texts, names, kinds]);
  const found = known.get(id);
  if (found !== undefined) return found;
  // In the place of each value stands an object of its kind, by which it is found again.
  const stand = values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, standIn(value)]));
  const request: Request = {
    ...texts,
    ...(names && { ExpressionAttributeNames: names }),
    ...(stand && { ExpressionAttributeValues: stand }),
  };
  const problem = validations.validateExpressions(request);
  if (problem !== undefined) throw new Error(problem);
  const valueNames = new Map<unknown, string>(Object.entries(stand ?? {}).map(([name, value]) => [value, name]));
  const keys = keysOf(request._keyCondition?.expression);
  known.set(id, { request, valueNames, keys });
  return { request, valueNames, keys };
}

type Kind = 'S' | 'N' | 'BOOL' | 'NULL' | 'L' | 'M';

export function kindOf(value: unknown): Kind {
  if (typeof value === 'string') return 'S';
  if (typeof value === 'number') return 'N';
  if (typeof value === 'boolean') return 'BOOL';
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return 'L';
  if (typeof value === 'object') return 'M';
  throw new Error(`the table in memory: found a value of type ${typeof value}, which it does not know`);
}

function standIn(value: unknown): Record<string, unknown> {
  const kind = kindOf(value);
  return { [kind]: { S: 'x', N: '1', BOOL: true, NULL: true, L: [], M: {} }[kind] };
}

function resolve(operand: Operand, item: Item, given: (stand: unknown) => unknown): unknown {
  if (Array.isArray(operand))
    return operand.reduce<unknown>((at, piece) => (at as Record<string | number, unknown> | undefined)?.[piece], item);
  const { type, name, args = [] } = operand;
  if (type === undefined) return given(operand);
  const operands = () => args.map((one) => resolve(one, item, given));
  if (type === 'function' && name === 'if_not_exists') return operands().find((value) => value !== undefined);
  if (type === 'function' && name === 'list_append') return operands().flat();
  if (type === 'function' && name === 'size') return sizeOf(operands()[0]);
  if (type === 'add' || type === 'subtract') {
    const [left, right] = operands();
    if (typeof left !== 'number' || typeof right !== 'number')
      throw new Error('An operand in the update expression has an incorrect data type');
    return type === 'add' ? left + right : left - right;
  }
  throw new Error(`the table in memory: found the operation ${name ?? type}, which it does not know`);
}

function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined;
}

function isTrue(expression: Operand, look: (operand: Operand) => unknown): boolean {
  const { type, name, args = [] } = expression as Exclude<Operand, unknown[]>;
  if (type === 'and') return args.every((one) => isTrue(one, look));
  if (type === 'or') return args.some((one) => isTrue(one, look));
  if (type === 'not') return !isTrue(args[0]!, look);
  const [value, ...others] = args.map(look);
  switch (type === 'function' ? name : type) {
    case '=':
      return value !== undefined && isDeepStrictEqual(value, others[0]);
    case '<>':
      return !isDeepStrictEqual(value, others[0]);
    case '<':
      return areAlike(value, others[0]) && order(value, others[0]) < 0;
    case '<=':
      return areAlike(value, others[0]) && order(value, others[0]) <= 0;
    case '>':
      return areAlike(value, others[0]) && order(value, others[0]) > 0;
    case '>=':
      return areAlike(value, others[0]) && order(value, others[0]) >= 0;
    case 'between':
      return areAlike(value, others[0]) && order(value, others[0]) >= 0 && order(value, others[1]) <= 0;
    case 'in':
      return value !== undefined && others.some((other) => isDeepStrictEqual(value, other));
    case 'attribute_exists':
      return value !== undefined;
    case 'attribute_not_exists':
      return value === undefined;
    case 'begins_with':
      return typeof value === 'string' && value.startsWith(String(others[0]));
    case 'contains':
      return (typeof value === 'string' || Array.isArray(value)) && (value as unknown[]).includes(others[0]);
    default:
      throw new Error(`the table in memory: found the comparison ${name ?? type}, which it does not know`);
  }
}

function areAlike(one: unknown, other: unknown): boolean {
  return (
    (typeof one === 'string' && typeof other === 'string') || (typeof one === 'number' && typeof other === 'number')
  );
}

/** Texts by their bytes in UTF-8, as DynamoDB has them. */
export function order(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  const [left, right] = [String(one), String(other)];
  if (left === right) return 0;
  return isAscii(left) && isAscii(right)
    ? left < right
      ? -1
      : 1
    : Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** Every value is that of the item before the update. */
function apply(sections: readonly Section[], item: Item, look: (operand: Operand, item: Item) => unknown): void {
  const before = { ...item };
  for (const { type, path, val } of sections) {
    const name = nameOf(path);
    if (type === 'remove') delete item[name];
    else if (type === 'set') {
      const value = look(val!, before);
      if (value === undefined)
        throw new Error('The provided expression refers to an attribute that does not exist in the item');
      item[name] = value;
    } else throw new Error(`the table in memory: found ${type.toUpperCase()} in an update, which it does not know`);
  }
}

function nameOf(path: readonly (string | number)[]): string {
  const [name] = path;
  if (path.length === 1 && typeof name === 'string') return name;
  throw new Error(
    `the table in memory: found the path ${path.join('.')}, it writes and projects whole attributes only`,
  );
}

function keysOf(expression: Operand | undefined): Parsed['keys'] {
  const keys = { names: new Set<string>(), equal: new Set<string>() };
  const visit = (one: Operand): void => {
    const { type, name, args = [] } = one as Exclude<Operand, unknown[]>;
    if (type === 'and') {
      for (const part of args) visit(part);
      return;
    }
    const [key] = args;
    const isKeys = ['=', '<', '<=', '>', '>=', 'between'].includes(type ?? '') || name === 'begins_with';
    if (!isKeys || !Array.isArray(key) || keys.names.has(nameOf(key)))
      throw new Error(`Invalid operator used in KeyConditionExpression: ${name ?? type}`);
    keys.names.add(nameOf(key));
    if (type === '=') keys.equal.add(nameOf(key));
  };
  if (expression !== undefined) visit(expression);
  return keys;
}
