/** A field of a cron expression: values, ranges and steps, separated by commas, or what it takes beside these. */
function field(value: string, beside = '(?!)'): string {
  const part = `(\\*|(${value})(-(${value}))?)(/[1-9]\\d?)?`;
  return `(${part}(,${part})*|${beside})`;
}

const DAY = '0?[1-9]|[12]\\d|3[01]';
const WEEKDAY = '[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT';
const TIME = `${field('[0-5]?\\d')} ${field('[01]?\\d|2[0-3]')}`;
const MONTHS = field('0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC');
const ON_DAYS = `${field(DAY, `LW?|(${DAY})W`)} ${MONTHS} \\?`;
const ON_WEEKDAYS = `\\? ${MONTHS} ${field(WEEKDAY, `(${WEEKDAY})?L|(${WEEKDAY})#[1-5]`)}`;
const YEARS = field('19[7-9]\\d|2[01]\\d\\d');

/** EventBridge's schedules: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
export const schedule = new RegExp(
  `^(cron\\(${TIME} (${ON_DAYS}|${ON_WEEKDAYS}) ${YEARS}\\)|rate\\((1 (minute|hour|day)|([2-9]|[1-9]\\d+) (minutes|hours|days))\\))$`,
);

/** One that comes every day, as the alarm `no-sweep` expects. */
export const daily = new RegExp(
  `^(cron\\(${TIME} (\\* \\* \\?|\\? \\* (\\*|SUN-SAT|1-7)) \\*\\)|rate\\((1 (minute|hour|day)|([2-9]|[1-9]\\d{1,2}) minutes|([2-9]|1\\d|2[0-4]) hours)\\))$`,
);
