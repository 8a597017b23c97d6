import { type CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { type CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { inOrder } from '../core/base/concurrency/inOrder.ts';
import { keptFor } from '../core/base/concurrency/keptFor.ts';
import { type LogLine, type LogQuery, type LogReader, parseLogLine } from '../observability/logs.ts';

/**
 * Groups that are read at once: FilterLogEvents may be called five times a second in most regions.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
const AT_ONCE = 4;
/** The newest lines are looked for first in so short a time before the end, and then in more and more. */
const FIRST_LOOK_MILLISECONDS = 5 * 60_000;
const WIDER = 6;

/** What Lambda writes about every call, and nobody looks for; the report of one that went wrong says how. */
const ROUTINE = /^(INIT_START|START|END) |^REPORT (?!.*\tStatus: )/;

/** CloudWatch Logs behind the logs' reader: the log groups of a stack's functions, `<prefix><function>`. */
export function readLogsOf(
  { stack, prefix }: { stack: string; prefix: string },
  logs: CloudWatchLogsClient,
  cloudFormation: CloudFormationClient,
): LogReader {
  /** By the stack's own list: another stage's name may begin with this one's. */
  const functions = keptFor<void, string[]>(Infinity, async () => {
    const names: string[] = [];
    for await (const page of paginateListStackResources({ client: cloudFormation }, { StackName: stack }))
      for (const { ResourceType, PhysicalResourceId = '' } of page.StackResourceSummaries ?? [])
        if (ResourceType === 'AWS::Logs::LogGroup' && PhysicalResourceId.startsWith(prefix))
          names.push(PhysicalResourceId.slice(prefix.length));
    return names.sort();
  });

  /** CloudWatch gives the oldest lines first, so the newest are looked for backwards, a span of time after the other. */
  async function read({ from, to, run, functions: asked, limit }: LogQuery): Promise<LogLine[]> {
    const names = asked ?? (await functions());
    let lines: LogLine[] = [];
    let span = FIRST_LOOK_MILLISECONDS;
    for (let end = to.getTime(); end > from.getTime() && lines.length < limit; span *= WIDER) {
      const begin = Math.max(from.getTime(), end - span);
      const last = end - 1;
      const found = await Array.fromAsync(inOrder(names, AT_ONCE, (name) => readGroup(name, begin, last, run)));
      lines = [...found.flat().sort((a, b) => a.time.localeCompare(b.time)), ...lines];
      end = begin;
    }
    return lines.slice(-limit);
  }

  async function readGroup(name: string, startTime: number, endTime: number, run?: string): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    const filterPattern = run === undefined ? undefined : JSON.stringify(run);
    const request = { logGroupName: prefix + name, startTime, endTime, filterPattern };
    for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, request))
      for (const { eventId = '', timestamp = 0, message = '' } of events)
        if (!ROUTINE.test(message) && message.includes(run ?? ''))
          lines.push(parseLogLine(message, { id: eventId, time: new Date(timestamp).toISOString(), function: name }));
    return lines;
  }

  return { read, functions };
}
