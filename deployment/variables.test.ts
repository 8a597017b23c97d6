import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDefinition } from '../local/stack/service.ts';
import { observedParametersSchema } from '../observability/parameters.ts';
import { readParameters } from './defaults.ts';
import { variableSources } from './variables.ts';

/** What a variable of serverless.yml stands for, with some parameters given on the command line, where all is text. */
async function resolved(source: string, address: string, given: Record<string, string> = {}): Promise<unknown> {
  const parameters: Record<string, unknown> = { ...readParameters(), ...given };
  const resolveVariable = async (variable: string) => parameters[variable.replace(/^param:/, '')];
  return (await variableSources[source]!.resolve({ address, resolveVariable })).value;
}

describe('a reserved share of the quota', () => {
  for (const name of ['preprocess', 'infer']) {
    it(`of ${name} is left out, unless one is asked for`, async () => {
      assert.equal(await resolved('unlessZero', `${name}AtOnce`), null);
      assert.equal(await resolved('unlessZero', `${name}AtOnce`, { [`${name}AtOnce`]: '0' }), null);
      assert.equal(await resolved('unlessZero', `${name}AtOnce`, { [`${name}AtOnce`]: '25' }), 25);
    });
  }
});

it('a number of the command line is a number', async () => {
  assert.equal(await resolved('number', 'partsAtOnce', { partsAtOnce: '3' }), 3);
  const { Infer } = readDefinition().States;
  assert.partialDeepStrictEqual(Infer, { MaxConcurrency: await resolved('number', 'partsAtOnce') });
});

it('the API has a quota where one is asked for, and asks the alias of predict where containers are kept', async () => {
  assert.equal(await resolved('api', 'quota', { apiDailyQuota: '0' }), null);
  assert.deepEqual(await resolved('api', 'quota', { apiDailyQuota: '7' }), { Limit: 7, Period: 'DAY' });
  assert.equal(await resolved('api', 'predict'), `\${PredictLambdaFunction.Arn}`);
  const kept = { api: 'true', provisionedConcurrency: '2' };
  assert.equal(await resolved('api', 'predict', kept), `\${PredictProvConcLambdaAlias}`);
});

it('stored data stay, unless the stage is a throw-away', async () => {
  assert.equal(await resolved('kept', 'policy'), 'Retain');
  assert.equal(await resolved('kept', 'policy', { throwAway: 'true' }), 'Delete');
});

it('the inbox is stored, unless an existing bucket is named', async () => {
  const file = 'file(resources/storage/inbox.yml)';
  assert.equal(await resolved('inbox', 'storage', { [file]: 'its resources' }), 'its resources');
  assert.deepEqual(await resolved('inbox', 'storage', { [file]: 'its resources', inboxBucket: 'theirs' }), {});
});

it("the inbox's template says whom it tells, unless arrivals are gathered", async () => {
  const notifications = { EventBridgeConfiguration: { EventBridgeEnabled: true } };
  assert.deepEqual(await resolved('arrivals', 'notifications', { arrivalsWindowSeconds: '0' }), notifications);
  assert.equal(await resolved('arrivals', 'notifications', { arrivalsWindowSeconds: '60' }), null);
});

it('what an Item names is in the inbox, and in no other bucket unless one is named', async () => {
  const given = { 'self:custom.arns.inbox': 'arn:inbox', inboxPrefix: 'scenes/' };
  const subs = (arns: string[]) => arns.map((arn) => ({ 'Fn::Sub': arn }));
  const own = ['arn:inbox/scenes/*'];
  assert.deepEqual(await resolved('assets', 'objects', given), subs(own));
  assert.deepEqual(await resolved('assets', 'buckets', given), subs(['arn:inbox']));
  const others = { ...given, assetBuckets: 'first,second' };
  const arns = ['first', 'second'].map((name) => `arn:\${AWS::Partition}:s3:::${name}`);
  assert.deepEqual(await resolved('assets', 'objects', others), subs([...own, ...arns.map((arn) => `${arn}/*`)]));
  assert.deepEqual(await resolved('assets', 'buckets', others), subs(['arn:inbox', ...arns]));
});

describe('topics', () => {
  const arns = ['items', 'scenes'].map((name) => `arn:aws:sns:us-west-2:123456789012:${name}`);
  async function subscriptions(feedTopics: string[], feedTopicCollections = '') {
    const given = { feedSchedule: 'rate(1 day)', feedTopics: feedTopics.join(), feedTopicCollections };
    const found = await resolved('feeds', 'topics', { ...given, 'file(resources/feedTopics.yml)': '' });
    return (found as { Resources: Record<string, { Properties: Record<string, unknown> }> }).Resources;
  }

  for (const [feedTopicCollections, filter] of [
    ['', undefined],
    ['sentinel-2-l2a,landsat', { collection: ['sentinel-2-l2a', 'landsat'] }],
  ] as const)
    it(`deliver ${filter === undefined ? 'all that they send' : 'the collections that are named'}`, async () => {
      const [{ Properties } = assert.fail()] = Object.values(await subscriptions(arns, feedTopicCollections));
      assert.deepEqual([Properties['Region'], Properties['FilterPolicy']], ['us-west-2', filter]);
    });

  it('keep their subscription when another is listed before them or is taken away', async () => {
    const [items = '', scenes = ''] = arns;
    const both = await subscriptions([items, scenes]);
    assert.equal(Object.keys(both).length, 2);
    assert.deepEqual(await subscriptions([scenes, items]), both);
    const { [Object.keys(both)[0]!]: _, ...rest } = both;
    assert.deepEqual(await subscriptions([scenes]), rest);
  });

  it('that are named twice are subscribed to once', async () => {
    assert.deepEqual(await subscriptions([...arns, ...arns]), await subscriptions(arns));
  });
});

describe('jobs', () => {
  const digest = `@sha256:${'0a'.repeat(32)}`;
  const jobs = async (what: string, given: Record<string, string>) =>
    (
      await variableSources['batch']!.resolve({
        address: what,
        resolveVariable: async (name) =>
          name.startsWith('file') ? name : { ...readParameters(), ...given }[name.replace(/^param:/, '')],
      })
    ).value;

  it('are nowhere without an image', async () => {
    assert.deepEqual([await jobs('jobs', {}), await jobs('environments', {})], [{}, {}]);
    assert.equal(await jobs('rights', {}), 'functions');
  });

  it('run on Fargate, or with a GPU on instances', async () => {
    const given = { batchImage: `ghcr.io/me/swath${digest}` };
    assert.equal(await jobs('jobs', given), 'file(resources/batch.yml)');
    assert.equal(await jobs('environments', given), 'file(resources/batchFargate.yml)');
    assert.equal(await jobs('environments', { ...given, batchGpus: '1' }), 'file(resources/batchGpus.yml)');
    assert.equal(await jobs('rights', given), 'functionsAndJobs');
  });

  it('may pull from the one repository that their image is in, where that is of ECR', async () => {
    const name = 'teams/swath';
    const given = { batchImage: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/${name}${digest}` };
    assert.equal(await jobs('registry', given), 'ecr');
    const arn = `arn:\${AWS::Partition}:ecr:eu-west-1:123456789012:repository/${name}`;
    assert.equal(await jobs('repository', given), arn);
    assert.equal(await jobs('registry', { batchImage: `ghcr.io/me/swath${digest}` }), 'elsewhere');
  });
});

describe('models elsewhere', () => {
  const rights = (given: Record<string, string>) =>
    resolved('endpoints', 'rights', {
      'self:custom.arns.results': 'arn:results',
      ...Object.fromEntries(
        ['Infer', 'Predict', 'Jobs'].flatMap((role) =>
          ['sageMaker', 'tokens'].map((kind) => {
            return [`file(resources/endpoints.yml):${kind}.${role}`, { [`${kind}.${role}`]: {} } as never];
          }),
        ),
      ),
      ...given,
    });
  for (const [what, given, expected] of [
    ['nothing is named', {}, []],
    ['a server is named', { endpointHosts: 'models.example.org' }, []],
    ['an endpoint of SageMaker is named', { endpointHosts: 'x.org,sagemaker:forage' }, ['sageMaker.Infer']],
    ['there are tokens', { endpointSecret: '/swath/dev/endpoints' }, ['tokens.Infer']],
    [
      'there are an API and jobs as well',
      { endpointHosts: 'sagemaker:forage', endpointSecret: '/a', api: 'true', batchImage: 'an image' },
      ['Infer', 'Predict', 'Jobs']
        .map((role) => `sageMaker.${role}`)
        .concat(['Infer', 'Predict', 'Jobs'].map((role) => `tokens.${role}`)),
    ],
  ] as const)
    it(`give rights as they need them if ${what}`, async () => {
      const { Resources } = (await rights(given)) as { Resources: object };
      assert.deepEqual(Object.keys(Resources), expected);
    });

  it('are asked in their own region unless another is named, and no other is', async () => {
    const endpointHosts = 'sagemaker:forage,models.example.org,sagemaker:eu-west-1/soil';
    const arn = `arn:\${AWS::Partition}:sagemaker:`;
    assert.deepEqual(await resolved('endpoints', 'arns', { endpointHosts }), [
      { 'Fn::Sub': `${arn}\${AWS::Region}:\${AWS::AccountId}:endpoint/forage` },
      { 'Fn::Sub': `${arn}eu-west-1:\${AWS::AccountId}:endpoint/soil` },
    ]);
  });
});

describe('arrivals', () => {
  const arrivals = async (address: string, arrivalsWindowSeconds: string, source = 'arrivals', requests = 'false') => {
    const parameters: Record<string, unknown> = {
      ...readParameters(),
      arrivalsWindowSeconds,
      requests,
      collectTimeout: '50',
    };
    // The stand-in answers a file by its name, of what the function is told by that of the queue.
    const resolveVariable = async (name: string) =>
      name.startsWith('file(resources/collectEnvironment.yml)')
        ? { [name.split(':')[1]!]: '' }
        : name === 'features:statements'
          ? 'of features'
          : name.startsWith('file')
            ? name
            : parameters[name.replace(/^param:/, '')];
    return (await variableSources[source]!.resolve({ address, resolveVariable })).value;
  };

  it('start an execution each, and deploy nothing for it', async () => {
    assert.equal(await arrivals('target', '0'), 'file(resources/targets.yml):pipeline');
    assert.deepEqual([await arrivals('function', '0', 'collect'), await arrivals('arrivals', '0', 'queue')], [{}, {}]);
  });

  it('go to a queue where a window says so, with all that belongs to it', async () => {
    assert.equal(await arrivals('target', '60'), 'file(resources/targets.yml):queue');
    assert.deepEqual(await arrivals('function', '60', 'collect'), { collect: 'file(functions/collect/function.yml)' });
    assert.equal(await arrivals('arrivals', '60', 'queue'), 'file(resources/arrivals.yml)');
    assert.equal(await arrivals('arrivals', '60', 'visibility'), 6 * 50 + 60);
    assert.deepEqual(await arrivals('events', '60', 'collect'), ['file(functions/collect/arrivals.yml)']);
  });

  it('share their function with requests if a parameter asks for those; each brings its own resources', async () => {
    const both = (address: string, source = 'collect') => arrivals(address, '60', source, 'true');
    const file = (name: string) => `file(functions/collect/${name}.yml)`;
    assert.deepEqual(await both('events'), [file('arrivals'), file('requests')]);
    assert.deepEqual(await arrivals('events', '0', 'collect', 'true'), [file('requests')]);
    assert.deepEqual(await both('statements'), [
      ...['all', 'arrivals', 'requests', 'requestsOrCounts'].map(
        (name) => `file(resources/collectStatements.yml):${name}`,
      ),
      'of features',
    ]);
    assert.equal(await both('requests', 'queue'), 'file(resources/requests.yml)');
    assert.deepEqual(await arrivals('requests', '60', 'queue'), {});
    assert.deepEqual(Object.keys(Object(await both('environment'))), ['requests']);
    assert.deepEqual(await arrivals('environment', '60', 'collect'), {});
    assert.equal(await both('collect', 'visibility'), 6 * 50 + 2);
  });
});

describe('a webhook', () => {
  const alarmWebhook = '/swath/dev/alarm-webhook';

  it('deploys nothing, unless a parameter names where its address is', async () => {
    assert.deepEqual(await resolved('webhook', 'function'), {});
    assert.deepEqual(await resolved('webhook', 'resources'), {});
    // The stand-in answers a file by its name.
    const file = 'file(functions/webhook/function.yml)';
    const asked = { resolveVariable: async (name: string) => (name.startsWith('file') ? name : alarmWebhook) };
    const { value } = await variableSources['webhook']!.resolve({ address: 'function', ...asked });
    assert.deepEqual(value, { webhook: file });
  });

  it('gets the parameters of the alarms, as the stack states them', async () => {
    const value = (await resolved('observed', 'parameters', { alarmWebhook, quietDaysLimit: '3' })) as {
      'Fn::Sub': string;
    };
    const said = observedParametersSchema.parse(JSON.parse(value['Fn::Sub']));
    assert.deepEqual([said.alarmWebhook, said.quietDaysLimit, said.driftWindow], [alarmWebhook, 3, 300]);
  });
});

describe('the subscribers of alarms', () => {
  for (const [alarmEmail, file] of [
    ['you@example.org', 'file(resources/alarmEmail.yml)'],
    ['none', {}],
    ['', {}],
  ] as const)
    it(`"${alarmEmail}": ${typeof file === 'string' ? 'its subscription' : 'nobody'}`, async () => {
      const resolveVariable = async (name: string) => (name.startsWith('file') ? name : alarmEmail);
      const { value } = await variableSources['alarms']!.resolve({ address: 'email', resolveVariable });
      assert.deepEqual(value, file);
    });
});
