import { hash } from 'node:crypto';
import * as z from 'zod';
import { precise } from '../base/text/numbers.ts';

/**
 * A question to the gate: whether a candidate is not worse, by a test that errs with some chance. Asked again and again, a
 * gate would let a worse version pass on a lucky day. So the questions about a version share the chance of one.
 */
export const askedSchema = z.object({
  /** Which question about this version it is, from 1 on. */
  question: z.int().min(1),
  /** The chance to let a version pass that is worse than allowed. */
  chance: z.number().gt(0).lt(1),
  /** The digest of the data that it was asked with. The same data again are no further question. */
  data: z.string(),
});
export type Asked = z.infer<typeof askedSchema>;

/**
 * Returns the share of a chance that the kth question gets: 6 / (π² k²), of which all together are 1. By Bonferroni's inequality the chance of
 * any error then stays below the whole, however many questions there are, when they are asked, and however much of their data they share (as the
 * levels of A. Javanmard and A. Montanari, Annals of Statistics 46 (2018) 526).
 * @example shareOfQuestion(3) // 0.0675
 */
export const shareOfQuestion = (k: number): number => 6 / (Math.PI * k) ** 2;

/** Returns the question that is asked with some data after others about the same version; `chance` is that of all of them. */
export function nextQuestion(former: readonly Asked[], chance: number, data: unknown): Asked {
  const digits = hash('sha256', JSON.stringify(data, shortened)).slice(0, 16);
  const same = former.find((one) => one.data === digits);
  const question = same?.question ?? Math.max(0, ...former.map((one) => one.question)) + 1;
  return { question, chance: chance * shareOfQuestion(question), data: digits };
}

/** Sums over files differ in their last digits if the files come in another order. */
const shortened = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value);

/** @example questionText({ question: 3, chance: 0.00338 }) // question 3 about it, at a level of 0.338 % */
export const questionText = ({ question, chance }: Omit<Asked, 'data'>): string =>
  `question ${question} about it, at a level of ${precise(100 * chance)}\u00a0%`;
