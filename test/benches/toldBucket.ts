import type { NotificationConfiguration } from '@aws-sdk/client-s3';

/** For tests: a bucket and what it is told of its objects, undefined where there is none; and the rules that listen, which start with `rule`. */
export function toldBucket(before: NotificationConfiguration | undefined, rule: string) {
  let told = before;
  let writes = 0;
  const listeners = [rule];
  return {
    listeners,
    told: () => told,
    tell: (configuration: NotificationConfiguration | undefined) => {
      told = configuration;
    },
    writes: () => writes,
    events: {
      read: async () => told && { ...told },
      write: async (_bucket: string, configuration: NotificationConfiguration) => {
        [told, writes] = [configuration, writes + 1];
      },
      listenersOf: async () => listeners,
    },
  };
}
