import { readFileSync } from 'node:fs';
import { Argument, type Command, Option } from 'commander';
import { DRAFT_TASKS, OTHER_NAMES } from '../../core/package/draftTasks.ts';
import { SEED } from '../../replay/plan.ts';
import * as options from './options.ts';

const { dataDir, json, onStage, percentage, read, share, usually, whole } = options;

const SOMEWHERE = [json, dataDir, onStage()];
const PORTS: [number, number] = [1, 65535];
const A_MONTH = { since: usually('30d') };
const mandatory: options.Kind = (one) => one instanceof Option && one.makeOptionMandatory();
const LATELY = { since: usually('15m'), limit: whole([1], 200) };
const SEVERAL_RUNS = { limit: whole([1]), 'at-once': whole([1, 900], 50) };

/** Adds every command by what loads its code. Their words are in help.md; here are the options that are more than a text. */
export function addCommands(program: Command): void {
  const ofStart = {
    port: whole(PORTS),
    'arrivals-window': whole([0, 300]),
    'alarm-webhook': read(options.webhook),
    'model-watch': read(options.watchedAlias('--model-watch: ')),
  };
  add('start', async () => (await import('../laptop/start.ts')).start, ofStart, [dataDir]);
  add('doctor', async () => (await import('../doctor/doctor.ts')).doctor);
  add('sweep', async () => (await import('../send/sweep.ts')).sweep);
  add('console', async () => (await import('../laptop/console.ts')).serveConsole, { port: whole(PORTS) });
  add('serve', async () => (await import('../laptop/serve.ts')).serve, {
    port: whole([0, 65535]),
    host: usually('127.0.0.1'),
    threads: whole([1, 256]),
    'max-batch': whole([1, 256], 32),
    'url-hosts': read(options.urlHosts),
  });
  add('work', async () => (await import('../service/work.ts')).work, {}, []);
  add('report', async () => (await import('../runs/dailyReport.ts')).dailyReport);
  add('accuracy', async () => (await import('../runs/accuracy.ts')).accuracy, A_MONTH);
  add('area', async () => (await import('../runs/area.ts')).area, A_MONTH);

  add('classify', async () => (await import('../send/classify.ts')).classify, {}, [json, dataDir]);
  add('send', async () => (await import('../send/send.ts')).send);
  add('request', async () => (await import('../send/request.ts')).request);
  add('forget', async () => (await import('../send/forget.ts')).forget);
  add('features put', async () => (await import('../features/features.ts')).put, {
    group: mandatory,
    id: usually('id'),
    'event-time': usually('event_time'),
  });
  add('features get', async () => (await import('../features/features.ts')).get);
  add('features remove', async () => (await import('../features/features.ts')).remove);
  add('features list', async () => (await import('../features/features.ts')).list, { limit: whole([1], 20) });
  add('truth', async () => (await import('../runs/truth.ts')).truth);
  add('label export', async () => (await import('../labels/exportLabels.ts')).exportLabels, {
    ...A_MONTH,
    chips: whole([1, 100_000], 200),
    seed: whole([0, 2 ** 32 - 1], SEED),
    to: usually('labels'),
  });
  add('stac make', async () => (await import('../stac/makeItem.ts')).makeItem, {}, [json]);
  const ofBucket: options.Kind = (one) =>
    one instanceof Option && one.conflicts(['api', 'collection', 'maxCloud', 'hosts']);
  const items = { 'max-cloud': percentage, inventory: ofBucket };
  add('feed add', async () => (await import('../feeds/feed.ts')).add, {
    ...items,
    every: whole([1, 168]),
    hosts: read(options.urlHosts),
  });
  add('feed test', async () => (await import('../feeds/feed.ts')).test, items);
  add('feed list', async () => (await import('../feeds/feed.ts')).list);
  add('feed pause', async () => (await import('../feeds/feed.ts')).pause);
  add('feed resume', async () => (await import('../feeds/feed.ts')).resume);
  add('feed remove', async () => (await import('../feeds/feed.ts')).remove);
  add('backfill', async () => (await import('../send/backfill.ts')).backfill, {
    ...SEVERAL_RUNS,
    feed: (one) => one instanceof Option && one.conflicts(['prefix', 'limit']),
  });
  const redriven = [json, onStage('the stage; the embedded stack puts nothing back')];
  add('redrive', async () => (await import('../send/redrive.ts')).redrive, { limit: whole([1]) }, redriven);

  add('runs', async () => (await import('../runs/runs.ts')).runs, { limit: whole([1], 20) });
  add('show', async () => (await import('../runs/show.ts')).show);
  add('retry', async () => (await import('../runs/retry.ts')).retry, SEVERAL_RUNS);
  const engine = (one: Option | Argument) => one.choices(['athena', 'redshift']);
  add('sql', async () => (await import('../sql/sql.ts')).sql, { engine });
  add('logs', async () => (await import('../runs/logs.ts')).logs, LATELY);

  group('model').helpCommand(false);
  const task = (one: Option | Argument) => one.choices([...DRAFT_TASKS, ...Object.keys(OTHER_NAMES)]);
  add('model init', async () => (await import('../models/initModel.ts')).initModel, { task }, [json]);
  add('model check', async () => (await import('../models/models.ts')).check, {}, [json]);
  add('model sample', async () => (await import('../models/calibrateModel.ts')).sampleOfModel, {}, [json]);
  add('model profile', async () => (await import('../models/profileModel.ts')).profileModel, {
    'from-runs': (one) => one instanceof Option && one.conflicts(['data', 'bands', 'onlyBands']),
  });
  add('model calibrate', async () => (await import('../models/calibrateModel.ts')).calibrateModel, {
    data: mandatory,
    coverage: share(0.9),
  });
  add('model publish', async () => (await import('../models/models.ts')).publish);
  const alias = read(options.watchedAlias());
  add('model watch', async () => (await import('../models/watchModel.ts')).watch, { alias });
  add('model diff', async () => (await import('../models/modelDiff.ts')).diff, { since: usually('7d') });
  add('model promote', async () => (await import('../models/models.ts')).promote);
  add('model shadow', async () => (await import('../models/shadow.ts')).shadow, { share: share() });
  add('model rollback', async () => (await import('../models/models.ts')).rollback);
  add('model history', async () => (await import('../models/models.ts')).history, { limit: whole([1], 50) });
  add('model retire', async () => (await import('../models/models.ts')).retire);
  add('model list', async () => (await import('../models/listModels.ts')).list);
  add('retrain', async () => (await import('../retrain/retrain.ts')).retrain, {
    since: usually('365d'),
    'held-out': share(0.2),
    fresh: whole([1], 100),
    work: usually('retraining'),
  });

  function add<Given extends unknown[]>(
    name: string,
    load: () => Promise<(...given: Given) => Promise<void>>,
    kinds: Record<string, options.Kind> = {},
    shared: readonly options.Shared[] = SOMEWHERE,
  ): void {
    const command = group(name, kinds).action(async (...given) => (await load())(...(given as Given)));
    for (const addTo of shared) addTo(command);
  }

  /** Adds what help.md has of a command, which does nothing yet, to the one before it in its name, which is added first if it is not there. */
  function group(name: string, kinds: Record<string, options.Kind> = {}): Command {
    const [own = '', above] = name.split(' ').reverse();
    const isAbove = (one: Command) => one.name() === above;
    const parent = above === undefined ? program : (program.commands.find(isAbove) ?? group(above));
    const part = PARTS.find((one) => one.startsWith(`${name}\n`))!;
    const [, description = '', list = '', after = ''] = /^.*\n\n(.*)\n(\n(?:- .*\n)+)?([\s\S]*)$/.exec(part)!;
    const command = parent.command(own).description(description).addHelpText('after', after.trimEnd());
    const left = new Map(Object.entries(kinds));
    for (const [, flags = '', text = ''] of list.matchAll(/^- `(.*?)`: (.*)$/gm)) {
      const one = flags.startsWith('-') ? new Option(flags, text) : new Argument(flags, text);
      left.get(one.name())?.(one);
      left.delete(one.name());
      if (one instanceof Option) command.addOption(one);
      else command.addArgument(one);
    }
    if (left.size > 0) throw new Error(`help.md: ${name} has no ${[...left.keys()].join(', ')}.`);
    return command;
  }
}

const PARTS = readFileSync(new URL('help.md', import.meta.url), 'utf8').split(/^## /m);
