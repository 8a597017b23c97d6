import { type BandSum, ofOneRun, VIOLATIONS, valuesIn } from './bandSum.ts';
import { type Digits, readDigits, writeDigits } from './digits.ts';

/**
 * Encodes the sums of one run for its row, compactly enough to keep the row of a one-chip file below 1 KB, the unit by
 * which writes are billed, in the table and in each index: 12 characters for an 8-bit band, where JSON takes 60.
 *
 * The sums are digits of one large number (`digits.ts`). What bands usually share is stored as a difference from the band
 * before. Counts, and minimum and maximum of integers, are exact; of other numbers, the two have six digits. A mean is
 * stored as its position between them, in 8,192 steps per chip, which is exact for 8-bit values and otherwise far below
 * chance, which only shrinks by the root of the number of chips. A sum of squares is stored as its share of the maximum
 * that values between the two can have about their mean (Bhatia and Davis, The American Mathematical Monthly 107 (2000)
 * 353), in 256 steps per chip.
 */
export const bandSumsText = (sums: readonly BandSum[]): string =>
  writeDigits((digits) => void all(digits, natural(digits, sums.length, 4), sums));

/** @throws {Error} when the text was not written by `bandSumsText` */
export const bandSumsOf = (text: string): BandSum[] => readDigits(text, (digits) => all(digits, natural(digits, 0, 4)));

const MEAN_STEPS = 8192;
const SQUARES_STEPS = 256;
/** Beyond this, JavaScript numbers have no finer steps. */
const MOST_STEPS = 2 ** 52;
/** Larger integers are encoded like other numbers. */
const MOST_WHOLE = 2 ** 32;
const BYTES = 256;
const SIX_DIGITS = 1e6;
/** Exponents of numbers range from -324 to 308. */
const [EXPONENTS, LEAST_EXPONENT] = [700, -350];

/** Processes the bands: writes the given ones, and reads if none are given. */
function all(digits: Digits, count: number, sums?: readonly BandSum[]): BandSum[] {
  const found: BandSum[] = [];
  // Most source bands are bytes, and most runs break no rule: both are encoded once for all bands.
  const areBytes = digits.next(2, Number(sums?.every(isOfBytes) ?? true)) === 1;
  const areBroken = digits.next(2, Number(sums?.some(isBroken) ?? false)) === 1;
  let before: Sizes = { chips: 1, nodata: 0, values: 0, bins: 0 };
  for (let i = 0; i < count; i += 1) {
    const sum = sums?.[i];
    before = sizesOf(digits, before, sum);
    const { chips, nodata } = before;
    const violations = areBroken ? violationsIn(digits, sum) : {};
    found.push({ chips, nodata, ...band(digits, { ...before, areBytes }, sum), ...violations });
  }
  return found;
}

type Sizes = { chips: number; nodata: number; values: number; bins: number };

/** A band's sizes, usually equal to those of the band before. */
function sizesOf(digits: Digits, before: Sizes, sum?: BandSum): Sizes {
  const own = sum && { chips: sum.chips, nodata: sum.nodata, values: valuesIn(sum), bins: sum.counts.length };
  const isOther = own !== undefined && NAMES.some((name) => own[name] !== before[name]);
  if (digits.next(2, Number(isOther)) === 0) return before;
  const of = (name: keyof Sizes) => near(digits, before[name], own?.[name]);
  return { chips: of('chips'), nodata: of('nodata'), values: of('values'), bins: of('bins') };
}

const NAMES = ['chips', 'nodata', 'values', 'bins'] as const;

const isBroken = ({ violations = {} }: BandSum): boolean => VIOLATIONS.some((name) => (violations[name] ?? 0) > 0);

const isOfBytes = ({ minimum, maximum }: BandSum): boolean =>
  [minimum, maximum].every((one) => one === null || (Number.isInteger(one) && one >= 0 && one < BYTES));

function band(digits: Digits, { chips, values, bins, areBytes }: Sizes & { areBytes: boolean }, sum?: BandSum) {
  const counts = countsOf(digits, values, bins, sum?.counts);
  if (values === 0) return { counts, mean: 0, squares: 0, minimum: null, maximum: null, chipMean: 0, chipSquares: 0 };
  const [minimum, maximum, isWhole] = areBytes ? rangeOfBytes(digits, sum) : rangeOf(digits, sum);
  const range = maximum - minimum;
  const stepsOf = (most: number) => Math.min(MOST_STEPS, most * Math.max(1, chips));
  // The mean of integers can only take this many values.
  const means = isWhole ? Math.min(stepsOf(MEAN_STEPS), values * range) : stepsOf(MEAN_STEPS);
  const mean = placeOf(means, sum?.mean);
  const squares = squaresOf(mean, values, sum?.squares);
  const chipMean = chips > 1 ? placeOf(stepsOf(MEAN_STEPS), sum?.chipMean) : mean;
  const chipSquares = chips > 1 ? squaresOf(chipMean, chips, sum?.chipSquares) : 0;
  return { counts, mean, squares, minimum, maximum, chipMean, chipSquares };

  function placeOf(steps: number, value = minimum): number {
    if (!(range > 0)) return minimum;
    const step = digits.next(steps + 1, Math.round(shareOf(value - minimum, range) * steps));
    return minimum + (range * step) / steps;
  }

  function squaresOf(mean: number, n: number, value = 0): number {
    const most = n * (maximum - mean) * (mean - minimum);
    if (!(most > 0)) return 0;
    const steps = stepsOf(SQUARES_STEPS);
    return (most * digits.next(steps + 1, Math.round(shareOf(value, most) * steps))) / steps;
  }
}

/**
 * Encodes each count as a digit bounded by what the ones before have left; the last count is the remainder. Most counts do
 * not exceed an equal share of it, so a first digit says whether this one does.
 */
function countsOf(digits: Digits, values: number, bins: number, counts?: readonly number[]): number[] {
  let left = values;
  return Array.from({ length: bins }, (_, bin) => {
    const own = counts?.[bin] ?? 0;
    const few = Math.ceil(left / (bins - bin));
    const count = bin === bins - 1 ? left : few >= left ? digits.next(left + 1, own) : oneOf(digits, few, left, own);
    left -= count;
    return count;
  });
}

function oneOf(digits: Digits, few: number, most: number, given: number): number {
  const isMore = digits.next(2, Number(given > few)) === 1;
  return isMore ? few + 1 + digits.next(most - few, given - few - 1) : digits.next(few + 1, given);
}

function rangeOfBytes(digits: Digits, sum?: BandSum): [minimum: number, maximum: number, isWhole: true] {
  const [least, most] = [sum?.minimum ?? 0, sum?.maximum ?? 0];
  const minimum = digits.next(BYTES, least);
  return [minimum, minimum + digits.next(BYTES - minimum, most - least), true];
}

function rangeOf(digits: Digits, sum?: BandSum): [minimum: number, maximum: number, isWhole: boolean] {
  const [least, most] = [sum?.minimum ?? 0, sum?.maximum ?? 0];
  const areWhole = [least, most].every((one) => Number.isInteger(one) && Math.abs(one) < MOST_WHOLE);
  const isWhole = digits.next(2, Number(areWhole)) === 1;
  if (!isWhole) return [decimal(digits, least), decimal(digits, most), isWhole];
  const isBelow = digits.next(2, Number(least < 0)) === 1;
  const minimum = natural(digits, Math.abs(least), 8) * (isBelow ? -1 : 1) + 0; // no -0
  return [minimum, minimum + natural(digits, most - least, 8), isWhole];
}

const shareOf = (part: number, whole: number): number => Math.min(1, Math.max(0, part / whole));

function violationsIn(digits: Digits, sum?: BandSum): Pick<BandSum, 'violations'> {
  const given = VIOLATIONS.map((name) => Number((sum?.violations?.[name] ?? 0) > 0));
  const isAny = digits.next(2, Number(given.includes(1))) === 1;
  return isAny ? { violations: ofOneRun(VIOLATIONS.filter((_, i) => digits.next(2, given[i]!) === 1)) } : {};
}

/** An integer, in one digit if it equals that of the band before. */
const near = (digits: Digits, before: number, value = before): number =>
  digits.next(2, Number(value !== before)) === 0 ? before : natural(digits, value, 4);

/** A non-negative integer, `bits` bits at a time, each preceded by whether there are more. */
function natural(digits: Digits, value: number, bits: number): number {
  const base = 2 ** bits;
  let [left, sum, unit] = [value, 0, 1];
  while (digits.next(2, Number(left > 0)) === 1) {
    sum += unit * digits.next(base, left % base);
    left = Math.floor(left / base);
    unit *= base;
  }
  return sum;
}

function decimal(digits: Digits, value: number): number {
  const [mantissa = '', exponent = ''] = Math.abs(value).toExponential(5).split('e');
  const isBelow = digits.next(2, Number(value < 0)) === 1;
  const six = digits.next(SIX_DIGITS, Number(mantissa.replace('.', '')));
  const power = digits.next(EXPONENTS, Number(exponent) - LEAST_EXPONENT) + LEAST_EXPONENT;
  return Number(`${isBelow ? '-' : ''}${six}e${power - 5}`) + 0; // no -0
}
