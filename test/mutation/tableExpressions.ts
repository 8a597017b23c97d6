/**
 * Changes of the tests that requests to the tables carry, such as `attempt = :attempt AND execution = :execution`. What is
 * left out still stands there, beside something that is always true: the tables refuse a request with a value that it does
 * not use, and then any test would notice.
 */

const CLAUSE = /attribute_(?:not_)?exists\([^()]*\)|(?<![\w:#.])[#\w.]+ (?:<=|>=|<>|=|<|>) [#:\w.]+/g;
const BOUNDARIES: Record<string, string> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };
const OTHERS: readonly (readonly [RegExp, (found: string) => string])[] = [
  [/ (?:AND|OR) /g, (word) => (word === ' AND ' ? ' OR ' : ' AND ')],
  [/attribute_(?:not_)?exists/g, (word) => (word === 'attribute_exists' ? 'attribute_not_exists' : 'attribute_exists')],
  [/ = (?=[#:\w])/g, () => ' <> '],
];

/** The text of a literal, once for each change; of one that is no such test there is none. `name` is what it is the value of. */
export function changedTests(literal: string, name: string): string[] {
  const isTest = literal.search(CLAUSE) >= 0;
  if (!isTest || name === 'UpdateExpression' || /^.SET /.test(literal)) return [];
  const boundaries = replacedOneByOne(literal, / (?:<=|>=|<|>) /g, (word) => ` ${BOUNDARIES[word.trim()]} `);
  if (name === 'KeyConditionExpression' || /BETWEEN/.test(literal)) return boundaries;
  const others = OTHERS.flatMap(([pattern, other]) => replacedOneByOne(literal, pattern, other));
  return [...boundaries, ...others, ...replacedOneByOne(literal, CLAUSE, alwaysTrue)];
}

/** Each row has a model, or it has none. */
function alwaysTrue(test: string): string {
  return `(${test} OR attribute_exists(model) OR attribute_not_exists(model))`;
}

function replacedOneByOne(text: string, pattern: RegExp, other: (found: string) => string): string[] {
  return [...text.matchAll(pattern)].map(
    ({ 0: found, index }) => text.slice(0, index) + other(found) + text.slice(index + found.length),
  );
}
