import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import allowed from '../core/parameters/allowed.json' with { type: 'json' };
import { parameters } from '../core/parameters/parameters.ts';
import { readParameters } from './defaults.ts';
import { checkParameters, type Given, InvalidParameter } from './parameters.ts';

const defaults = readParameters();

/** The defaults of serverless.yml, with some given otherwise on the command line. */
function given(others: Record<string, unknown> = {}): Given[] {
  return Object.entries({ ...defaults, ...others }).map(([name, value]) => ({
    name,
    value,
    where: name in others ? `--param ${name}` : `params.default.${name}`,
  }));
}

/** What is said of parameters; nothing where they are fine. */
function saidOf(parameters: Given[], isDeployment = false): string {
  try {
    checkParameters(parameters, { isDeployment });
    return '';
  } catch (error) {
    assert.ok(error instanceof InvalidParameter);
    return error.message;
  }
}

describe('parameters', () => {
  it('may be the defaults for packaging, without a subscriber of alarms', () => {
    assert.equal(saidOf(given()), '');
  });

  for (const [name, ...values] of [
    ['modelName', 'my.model-2_x+y'],
    ['chipsPerPart', 1, '64', 2_147_483_647],
    ['maxFileBytes', 1, '54975581388800'],
    ['maxRecordBytes', '1', 1073741824],
    ['maxChips', 1, 2147483647],
    ['attemptLimit', '1', 100],
    ['leaseSeconds', 1, '0.5e3', 86_400],
    ['sweepLookBackDays', 0, '0.5', 36_500],
    ['requestDays', 35, '36500'],
    ['driftThreshold', '0.3', 0.83],
    ['driftWindow', 1, '1000000'],
    ['blankShareLimit', 1, '1', '0.01'],
    ['accuracyLimit', 0, '0.8', 1],
    ['quietDaysLimit', 0, '30', 36_500],
    ['promotionGate', '', 'min_agreement=0.9', 'max_accuracy_drop=0.02,confidence=0.9,max_time_ratio=2,min_chips=500'],
    ['inboxPrefix', '', 'scenes/', 'a/b.c/day=1_x-y/', 'feeds/zarr/'],
    ['feedTopicCollections', '', 'sentinel-2-l2a', 'sentinel-2-l2a,C2021957295-LPCLOUD', Array(150).fill('a').join()],
    ['assetBuckets', '', 'my-archive', 'my-archive,sentinel-2.l2a'],
    ['assetHosts', '', 'a.example.org', 'a.example.org:8443,*.example.net'],
    [
      'acquisitionTimePattern',
      '',
      'S2?_MSIL2A_%Y%m%dT%H%M%S',
      '%d.%m.%Y',
      'LC8??????%Y%j',
      'year=%Y/month=%m/%d-%H:%M',
    ],
    ['bulkPrefix', 'bulk/', 'a/b.c/day=1_x-y/', 'my-feeds/', 'assets/'],
    ['filesPerBatch', 1, 500, 10_000],
    ['bytesPerBatch', 1, 67_108_864],
    ['batchesAtOnce', 1, 10_000],
    ['bulkToleratedShare', 0, 0.05, 1],
    ['alarmEmail', 'first.last+tag@sub.example.org', 'none'],
    ['alarmWebhook', '', '/hook', '/swath/dev/alarm-webhook_1.x'],
    ['driftMinimum', 1, '300'],
    ['inboxBucket', '', 'own', 'my.bucket-1'],
    ['throwAway', true, 'false'],
    ['sqlTables', true, 'false'],
    ['sqlBytesLimit', '10000000', 10_995_116_277_760],
    ['redshift', '', 'workgroup:analytics', 'cluster:warehouse-1', 'workgroup:a-b/earth_1'],
    ['logRetentionDays', 1, '3653'],
    ['preparedDays', '1', '36500'],
    ['oldVersionsDays', 1, '365', 36_500],
    ['partsAtOnce', 1, '40'],
    ['preprocessAtOnce', 0, '100', 100_000],
    ['inferAtOnce', '0', 250, '100000'],
    ['inferTimeout', 900, '1'],
    ['predictTimeout', '4', 29],
    ['retryMemory', 128, '10240'],
    ['expectedAccuracyAlarm', true, 'false'],
    ['api', true, 'false'],
    ['apiRate', 1, '10000'],
    ['apiBurst', '1', 5000],
    ['apiDailyQuota', 0, '2147483647'],
    ['apiCorsOrigins', '', '*', 'https://a.example.org', 'https://a.example.org,http://localhost:3000'],
    ['apiLatencyLimit', 1, '60000'],
    ['provisionedConcurrency', 0, '0'],
    ['batchMemory', 2048, '2097152'],
    ['batchInstanceTypes', 'g4dn', 'g4dn,g6.2xlarge,p4d.24xlarge,p6-b200.48xlarge'],
    ['batchHours', 1, '336'],
    ['batchSubnets', '', 'subnet-0a1b2c3d', 'subnet-0a1b2c3d,subnet-0123456789abcdef0'],
    ['batchSubnets', Array(16).fill('subnet-0a1b2c3d').join()],
    ['batchSecurityGroups', '', 'sg-0a1b2c3d', Array(5).fill('sg-0a1b2c3d').join()],
    ['sweepSchedule', 'rate(1 day)', 'rate(12 hours)', 'cron(0 2,14 ? * * *)', 'cron(59 23 ? * SUN-SAT *)'],
    [
      'feedSchedule',
      '',
      'rate(15 minutes)',
      ...'0/15 * * * ? * | */5 0,6-18/2 ? 1-12 MON-FRI 2026-2199 | 00 06 31 JAN,DEC ? * | 0 0 L * ? * | 0 0 15W * ? * | 0 0 ? * 6L * | 0 0 ? * TUE#2 *'
        .split(' | ')
        .map((fields) => `cron(${fields})`),
    ],
  ] as const) {
    for (const value of values) {
      it(`${name} may be ${JSON.stringify(value)}`, () => assert.equal(saidOf(given({ [name]: value }), false), ''));
    }
  }

  for (const [name, allowed, ...values] of [
    ['modelName', /a name of at most 64 letters/, '', 'a/b', '..', 'a"b', 7],
    ['chipsPerPart', /a whole number of chips from 1 to 2147483647/, 2_147_483_648, 0, '1.5', 'many', '', true],
    ['maxFileBytes', /a whole number of bytes from 1 to 54975581388800/, 0, '54975581388801', '8 GB'],
    ['maxRecordBytes', /a whole number of bytes from 1 to 1073741824/, 0, 1073741825, ''],
    ['maxChips', /a whole number of chips from 1 to 2147483647/, 0, 2147483648, '1.5'],
    ['attemptLimit', /a whole number of attempts from 1 to 100/, 0, '-1', 101],
    ['leaseSeconds', /a number of seconds from 1 to 86400, a day/, 86_401, 1e300, 0, 'a minute', ' '],
    ['requestDays', /a whole number of days from 35 to 36500/, 34, 36_501],
    ['sweepLookBackDays', /a number of days from 0 to 36500/, 1e12, -1, 'a week', ' '],
    ['driftThreshold', /a number above 0 and below 0\.8325/, 0, 0.84, '25 %', Number.NaN],
    ['driftWindow', /a whole number of predictions from 1 to 1000000/, 0, '0', 1_000_001],
    ['blankShareLimit', /a share above 0 and up to 1/, 0, 1.01, '50'],
    ['accuracyLimit', /a share from 0 to 1; 0 switches the alarm off/, -0.1, 1.01, '80 %'],
    ['quietDaysLimit', /a whole number of days up to 36500, or 0/, -1, 0.5, 36_501],
    [
      'promotionGate',
      /nothing, or a comma-separated list of rules/,
      ...'min_agreement | min_agreement=2 | agreement=0.9 | confidence=0.9'.split(' | '),
      7,
    ],
    [
      'redshift',
      /nothing, workgroup:NAME of Redshift Serverless or cluster:ID/,
      ...'analytics | workgroup: | workgroup:A | cluster:1a | workgroup:abc/ | cluster:a/b-c | cluster:a/b/c | serverless:abc'.split(
        ' | ',
      ),
      7,
    ],
    ['bulkPrefix', /letters, digits and/, '', '/', '/a/', 'scenes', 'a b/', 'a*/', 'ä/', 7],
    ['filesPerBatch', /from 1 to 10000/, 0, 10_001, 'a'],
    ['bytesPerBatch', /from 1 to 1073741824/, 0, 2 ** 31],
    ['batchesAtOnce', /from 1 to 10000/, 0, 10_001],
    ['bulkToleratedShare', /a share from 0 to 1/, -0.1, 1.1, ''],
    [
      'assetEndpoints',
      /nothing, or a comma-separated list of BUCKET=ADDRESS/,
      ...'eodata | eodata=a.org | eodata=http://a.org | A=https://a.org | eodata=https://u@a.org | eodata=https://a.org/b'.split(
        ' | ',
      ),
    ],
    [
      'feedTopicCollections',
      /nothing, or a comma-separated list of at most 150 collections/,
      ...'a, | ,a | a, b | a"b | *'.split(' | '),
      Array(151).fill('a').join(),
    ],
    [
      'assetBuckets',
      /nothing, or a comma-separated list of bucket names/,
      ...'A | ab | my-archive, | ,my-archive | my-archive, other | s3://archive | *'.split(' | '),
      7,
    ],
    [
      'assetHosts',
      /nothing, or a comma-separated list of hosts/,
      ...'https://a.org | a.org, | ,a.org | a.org, b.org | * | *.* | a.*.org | a.org/b | u@a.org | A.org'.split(' | '),
      7,
    ],
    [
      'acquisitionTimePattern',
      /nothing, or a pattern in the notation of strftime/,
      ...'%Y%m | %y%m%d | %Y%m%d%Y | %Y%m%d%j | %Y%m%d%M | %Y%m%d%H%S | %Y%m%d(a+)+ | .*%Y%m%d | %Y%m%d% | x | %Y %m %d'.split(
        ' | ',
      ),
      `${'?'.repeat(200)}%Y%j`,
    ],
    ['inboxPrefix', /nothing, or letters, digits and/, '/', '/a/', 'scenes', 'a b/', 'a*/', 'a?/', 'ä/', 'a$/', 7],
    [
      'inboxPrefix',
      /; not in swath-canary\/, and not in a folder that ends in/,
      'swath-canary/',
      'c.zarr/',
      'in/a.assets/b/',
      'X.SAFE/',
    ],
    [
      'bulkPrefix',
      /; not in swath-canary\/ or feeds\/, and not/,
      'swath-canary/a/',
      'feeds/',
      'feeds/a/',
      'x.SAFE/',
      'c.ZARR/',
    ],
    ['alarmEmail', /one e-mail address, or "none"/, 'you', 'a@b', 'a@example.org, b@example.org', 'None'],
    [
      'alarmWebhook',
      /the name of an SSM parameter that begins with a slash/,
      ...'swath/hook | / | /a//b | /a/ | /a b | /a* | /aws/hook | /SSM/hook | /ssm | none'.split(' | '),
    ],
    ['driftMinimum', /a whole number of predictions from 1 to 1000000/, 0, 'few'],
    ['inboxBucket', /an existing bucket/, 'UPPER', 'a', 'a_b', 's3://bucket', '-a-'],
    ['throwAway', /true, .* or false/, 'yes', 1],
    ['sqlTables', /true, or false if/, 'yes', 1],
    ['sqlBytesLimit', /from 10000000 on/, 9_999_999],
    ['logRetentionDays', /one of 1, 3, 5, .* days/, 0, 2, '91', 'ever'],
    ['preparedDays', /a whole number of days from 1 to 36500/, 0, 36_501, Number.MAX_SAFE_INTEGER],
    ['oldVersionsDays', /a whole number of days from 1 to 36500/, 36_501, 0, '0.5', 'ever'],
    ['partsAtOnce', /a whole number from 1 to 40/, 0, 41, '2.5'],
    ['preprocessAtOnce', /a whole number up to 100000, or 0 to reserve nothing/, 100_001, -1, '1.5', 'none'],
    ['inferAtOnce', /a whole number up to 100000, or 0 to reserve nothing/, 100_001, -1, ''],
    ['inferTimeout', /a whole number of seconds from 1 to 900/, 0, 901, '1.5'],
    ['api', /true, .* or false/, 'yes', 1, ''],
    ['apiRate', /a whole number from 1 to 10000/, 0, 10_001, '0.5'],
    ['apiBurst', /a whole number from 1 to 5000/, 0, 5001],
    ['apiDailyQuota', /a whole number up to 2147483647, or 0/, -1, '2147483648'],
    [
      'apiCorsOrigins',
      /nothing, \* for any origin, or a comma-separated list of origins/,
      ...'a.example.org | https://a.example.org/ | https://a.example.org, | HTTPS://a | https://a b | *,https://a | https://*.example.org | https://a" | null'.split(
        ' | ',
      ),
    ],
    ['predictTimeout', /a whole number of seconds from 4 to 900/, 3, '1'],
    ['apiLatencyLimit', /a whole number of milliseconds from 1 to 60000/, 60_001, 0, '1.5'],
    ['provisionedConcurrency', /a whole number up to 100000, or 0/, 999_999, -1, 'many'],
    ['preprocessMemory', /a whole number of MB from 128 to 10240/, 127, '10241'],
    ['batchImage', /nothing, or an image by its digest/, 'swath', 'swath:1', 'ghcr.io/me/swath@sha256:0a', 7],
    ['batchVcpus', /a whole number of vCPUs from 1 to 192/, 0, '0.25', 193],
    ['batchMemory', /a whole number of MiB from 2048 to 2097152/, 512, '16 GB'],
    ['batchGpus', /a whole number of GPUs from 0 to 16/, -1, 17],
    [
      'batchInstanceTypes',
      /a comma-separated list of the families g4dn, g5, .*, or of their types/,
      ...['', 'g4dn,', 'G4DN', 'g4dn g6'],
      ...['optimal', 'g5g.xlarge', 'c7g', 't3.micro', 'g4ad', 'trn1', 'inf2', 'p6e-gb200', 'g4dn,c7i.large'], // no NVIDIA GPU, or no x86
      ...['p3.2xlarge', 'g4dn,p3dn'], // no driver any more
    ],
    ['batchMaxVcpus', /a whole number of vCPUs from 1 to 100000/, 0, 100_001],
    ['batchHours', /a whole number of hours from 1 to 336/, 0, 337, '0.5'],
    ['batchSubnets', /a comma-separated list of at most 16 subnets/, 'subnet-1', 'subnet-0a1b2c3d,', 'sg-0a1b2c3d'],
    ['batchSubnets', /at most 16 subnets/, Array(17).fill('subnet-0a1b2c3d').join()],
    ['batchSecurityGroups', /a comma-separated list of at most 5 security groups/, 'default', 'subnet-0a1b2c3d'],
    ['batchSecurityGroups', /at most 5 security groups/, Array(6).fill('sg-0a1b2c3d').join()],
    ['batchPublicIp', /true, .* or false/, 'ENABLED'],
    [
      'sweepSchedule',
      /a schedule that comes every day, such as cron\(15 0 \* \* \? \*\)/,
      ...'daily | cron(* * * * *) | cron(0 0 * * * *) | cron(0 0 ? * ? *) | rate(1 days) | rate(0 days) | rate(2 days) | rate(25 hours) | cron(0 2 ? * MON-FRI *) | cron(0 24 * * ? *) | cron(60 0 ? * * *) | cron(0 2 1 * ? *) | cron(15 0 * * ? *) '.split(
        ' | ',
      ),
    ],
    [
      'feedSchedule',
      /nothing, or a schedule of EventBridge, such as /,
      ...'60 0 * * ? * | 0 24 * * ? * | 0 0 ? * 0 * | 0 0 ? * 8 * | 0/0 * * * ? * | 0 0 32 * ? * | 0 0 0 * ? * | 0 0 * 13 ? * | 0 0 * * ? 1969 | 0 0 * FOO ? * | 0 0 ? * MON#6 * | 0 0 * * * * | 0, 0 * * ? *'
        .split(' | ')
        .map((fields) => `cron(${fields})`),
    ],
  ] as const) {
    for (const value of values) {
      it(`${name} may not be ${JSON.stringify(value)}: the error says where, what was found, and what is allowed`, () => {
        const said = saidOf(given({ [name]: value }));
        assert.ok(said.startsWith(`--param ${name}: found ${JSON.stringify(value)}, allowed is `), said);
        assert.match(said, allowed);
      });
    }
  }

  it('are not repeated where they are the address itself', () => {
    const said = saidOf(given({ alarmWebhook: 'https://hooks.slack.com/services/T0/B0/secret' }));
    assert.match(
      said,
      /^--param alarmWebhook: found "https:\/\/hooks\.slack\.com\/\(hidden\)", allowed is nothing, or the name /,
    );
  });

  it('may not ask for more predictions than the window of the alarm has', () => {
    assert.match(
      saidOf(given({ driftMinimum: 301 })),
      /^driftMinimum: found 301, allowed is at most driftWindow \(300\)/,
    );
  });

  it('keep no containers of a function that is not there', () => {
    assert.match(
      saidOf(given({ provisionedConcurrency: '2' })),
      /^provisionedConcurrency: found 2, allowed is 0 as long /,
    );
    assert.equal(saidOf(given({ api: 'true', provisionedConcurrency: '2' })), '');
  });

  it('let no function take longer than the gateway waits for it, where there is one', () => {
    assert.equal(saidOf(given({ predictTimeout: 30 })), '');
    for (const name of ['predictTimeout', 'catalogueTimeout']) {
      assert.match(saidOf(given({ api: 'true', [name]: 30 })), new RegExp(`^${name}: found 30, allowed is at most 29`));
      assert.equal(saidOf(given({ api: true, [name]: '29' })), '');
    }
  });

  describe('of jobs', () => {
    const network = { batchSubnets: 'subnet-0a1b2c3d', batchSecurityGroups: 'sg-0a1b2c3d' };
    const jobs = { batchImage: `ghcr.io/me/swath@sha256:${'0a'.repeat(32)}`, ...network };

    for (const [title, others, said] of [
      ['are fine as they are, once there is an image and a network', {}, ''],
      ['may take as long as prepared chips stay', { batchHours: 48, preparedDays: 2 }, ''],
      ['take no longer', { batchHours: '49', preparedDays: '2' }, 'batchHours: found 49, allowed is at most 48, the '],
      ['need subnets', { batchSubnets: '' }, 'batchSubnets: found nothing, it must be set with batchImage'],
      ['need security groups', { batchSecurityGroups: '' }, 'batchSecurityGroups: found nothing, it must be set'],
      ['may ask for any vCPUs and memory with a GPU', { batchGpus: '1', batchVcpus: '3', batchMemory: '15000' }, ''],
      ['fit in', { batchMaxVcpus: '2' }, 'batchMaxVcpus: found 2, allowed is at least batchVcpus (4)'],
      ['have as many vCPUs as Fargate has', { batchVcpus: '3' }, 'batchMemory: found 16384 MiB with 3 vCPUs, allowed'],
      ['have enough memory', { batchMemory: 7168 }, 'batchMemory: found 7168 MiB with 4 vCPUs, allowed'],
      ['have whole gibibytes', { batchMemory: 8193 }, 'batchMemory: found 8193 MiB '],
      ['may have the least of the smallest', { batchVcpus: 1, batchMemory: 2048 }, ''],
      ['may have the most of a small one', { batchVcpus: 2, batchMemory: 16_384 }, ''],
      ['may have the most of all', { batchVcpus: 16, batchMemory: 122_880 }, ''],
      ['have no more', { batchVcpus: 16, batchMemory: 131_072 }, 'batchMemory: found 131072 MiB with 16 vCPUs'],
      ['are as large as a step', { batchVcpus: 8, batchMemory: 17_408 }, 'batchMemory: found 17408 MiB with 8 vCPUs'],
    ] as const)
      it(title, () => {
        const found = saidOf(given({ ...jobs, ...others }));
        assert.ok(said === '' ? found === '' : found.startsWith(said), found);
      });

    it('may be anything as long as there is no image', () => {
      assert.equal(saidOf(given({ batchVcpus: 3, batchMaxVcpus: 1 })), '');
    });
  });

  it('are refused where words end that name a range', () => {
    const ranges = Object.entries(allowed).flatMap(([name, words]) => {
      const [, least, most] = /from ([\d.]+)(?: [^;]*?)? (?:to|up to) ([\d.]+)/.exec(words) ?? [];
      return least === undefined ? [] : [[name, Number(least), Number(most)] as const];
    });
    assert.ok(ranges.length >= 9, `${ranges.length}`);
    for (const [name, least, most] of ranges) {
      const { schema } = parameters[name]!;
      const taken = [least - 0.01, least - 1, least, most, most + 1].map((value) => schema.safeParse(value).success);
      assert.deepEqual(taken, [false, false, true, true, false], name);
    }
  });

  it('that are numbers have an end, except the bytes of a query, of which Athena names none', () => {
    const numbers = Object.entries(parameters).filter(([, { type }]) => type === 'number');
    const endless = numbers.filter(
      ([, { schema }]) => schema.safeParse(2 ** 50).success || schema.safeParse(1e300).success,
    );
    assert.deepEqual(
      endless.map(([name]) => name),
      ['sqlBytesLimit'],
    );
  });

  it('have no words without a parameter', () => {
    assert.deepEqual(
      Object.keys(allowed).filter((name) => !Object.hasOwn(parameters, name)),
      [],
    );
    assert.deepEqual(
      Object.entries(parameters).filter(([, one]) => !one.allowed),
      [],
    );
  });

  it('that are unknown are refused, with the names that there are', () => {
    const said = saidOf([...given(), { name: 'driftTreshold', value: 0.3, where: 'params.dev.driftTreshold' }]);
    assert.match(
      said,
      /^params\.dev\.driftTreshold: there is no such parameter, allowed are modelName, .*driftThreshold/,
    );
  });

  it('that are missing are refused', () => {
    const said = saidOf(given().filter(({ name }) => name !== 'driftWindow'));
    assert.equal(said, 'params.default.driftWindow: found nothing, it must be set.');
  });

  it('are reported all at once', () => {
    assert.equal(saidOf(given({ driftWindow: 0, attemptLimit: 0 })).split('\n').length, 2);
  });
});

describe('deploying needs a subscriber of alarms', () => {
  it('or none, if that is stated', () => {
    assert.match(
      saidOf(given(), true),
      /^params\.default\.alarmEmail: found nothing, so nobody would be notified of alarms; set an e-mail address, .*, or "none" on purpose\.$/,
    );
    for (const alarmEmail of ['none', 'you@example.org']) assert.equal(saidOf(given({ alarmEmail }), true), '');
  });
});
