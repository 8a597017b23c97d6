import { Option } from 'commander';
import { DRAFT_TASKS } from '../../core/package/draftTasks.ts';
import { json, type SwathCommand, watchedAlias } from './options.ts';

export function modelCommands(program: SwathCommand): void {
  const model = program
    .command('model')
    .description('publish model versions, and choose the ones that classify')
    .helpCommand(false);

  model
    .command('init')
    .description('draft a model package beside an ONNX file, from its graph and an example')
    .argument('<onnx>', 'the model')
    .option(
      '--example <file>',
      'a raster, such as a GeoTIFF, or a table in CSV that the model takes, to fill in its bands',
    )
    .addOption(
      new Option('--task <task>', "what the model's output means, where the graph does not show it").choices(
        DRAFT_TASKS,
      ),
    )
    .addOption(json())
    .runs(async () => (await import('../models/initModel.ts')).initModel);

  model
    .command('check')
    .description('check that a model package is complete and runs, or print what is wrong with it')
    .argument('<folder>', 'item.json, model.onnx, reference.json and README.md')
    .option('--example <file>', 'a scene file whose first chips are classified')
    .addOption(json())
    .runs(async () => (await import('../models/models.ts')).check);

  model
    .command('sample')
    .description("make a model package's sample: a chip and the model's prediction for it")
    .argument('<folder>', 'item.json, model.onnx and reference.json')
    .argument('<input>', 'an image of one chip, or an input of a request as JSON: {"values": …} or {"bands": …}')
    .option('--write', 'write it into the package, as sample.json, instead of printing it')
    .runs(async () => (await import('../models/sampleOfModel.ts')).sampleOfModel);

  model
    .command('profile')
    .description('write a profile of typical data into a package, to watch the source bands for drift')
    .argument('<folder>', 'item.json, model.onnx and reference.json')
    .option('--data <files...>', 'scene files of training or validation data, in any supported format')
    .option('--bands <names...>', 'the source bands to watch, if there are more than a profile holds')
    .option('--only-bands', 'keep the reference for predictions as it is')
    .addOption(
      new Option('--from-runs <time>', "instead, of the live version's quiet runs since: 30d, or a date").conflicts([
        'data',
        'bands',
        'onlyBands',
      ]),
    )
    .somewhere()
    .runs(async () => (await import('../models/profileModel.ts')).profileModel);

  model
    .command('calibrate')
    .description('write a version with calibrated probabilities, by temperature scaling')
    .argument('<package>', "the folder of a package, NAME/VERSION, or a version of the stack's own model")
    .requiredOption('--data <files...>', 'scene files that the model was not trained on, in any supported format')
    .option('--truth <file>', 'the ground truth, as for "swath truth", if the files do not contain it')
    .aboveZero('--coverage <share>', 'how often prediction sets contain the true class', 1, 0.9)
    .option('--abstain', 'give no class to a chip whose prediction set has several')
    .option('--as <version>', 'the new version; default: the present one with -calibrated appended')
    .option('--to <folder>', 'the new package; default: NAME-VERSION, in the working folder')
    .somewhere()
    .runs(async () => (await import('../models/calibrateModel.ts')).calibrateModel);

  model
    .command('publish')
    .description('check a model package and publish it')
    .argument(
      '<package>',
      'a folder, mlflow:NAME@ALIAS, mlflow:NAME/VERSION, s3://BUCKET/FOLDER/ or https://HOST/FOLDER/',
    )
    .option('--promote', 'also promote it: it classifies new files from now on')
    .option('--digest <digest>', 'require this digest of the files: sha256:…, as printed when a package is published')
    .somewhere()
    .runs(async () => (await import('../models/models.ts')).publish);

  model
    .command('watch')
    .description('check once which version a registry alias points to, and publish a new one as a candidate')
    .argument('<alias>', 'mlflow:NAME@ALIAS', watchedAlias())
    .somewhere()
    .runs(async () => (await import('../models/watchModel.ts')).watch);

  model
    .command('diff')
    .description("compare two versions' predictions for the same chips")
    .argument('<first>', "NAME/VERSION, a version of the stack's own model, or the folder of a package")
    .argument('<second>', 'the other one')
    .option('--since <time>', 'compare runs since: an age such as 7d, or a date', '7d')
    .option('--data <files...>', 'compare these scene files instead, which both packages classify first')
    .somewhere()
    .runs(async () => (await import('../models/modelDiff.ts')).diff);

  model
    .command('promote')
    .description('promote a published version: it classifies new files from now on')
    .argument('<version>', 'NAME/VERSION as "swath model list" prints it, or a version of the stack\'s own model')
    .option('--beside', 'make the model live beside those that already are')
    .option('--accepts <patterns...>', 'which keys it takes, with * for any text; every key if never given')
    .option('--reason <text>', 'why, for "swath model history"')
    .option('--anyway <why>', 'promote it even if the gate refuses, and record why')
    .somewhere()
    .runs(async () => (await import('../models/models.ts')).promote);

  model
    .command('shadow')
    .description('let a candidate version shadow the live one, without counting; or end its shadow')
    .argument('[version]', "NAME/VERSION, or a version of the stack's own model; with --end, a NAME")
    .aboveZero(
      '--share <share>',
      'the share of files and HTTP requests that it classifies, above 0, up to 1 (default: 1)',
      1,
    )
    .option('--end', "end the model's shadow")
    .somewhere()
    .runs(async () => (await import('../models/shadow.ts')).shadow);

  model
    .command('rollback')
    .description('promote the previously promoted version again')
    .argument('[name]', "the model; default: the stack's own")
    .option('--reason <text>', 'why, for "swath model history"')
    .somewhere()
    .runs(async () => (await import('../models/models.ts')).rollback);

  model
    .command('history')
    .description('list who promoted which version, when and why; the latest first')
    .argument('[name]', "the model; default: the stack's own")
    .wholeNumber('--limit <count>', 'at most this many', [1], 50)
    .somewhere()
    .runs(async () => (await import('../models/models.ts')).history);

  model
    .command('retire')
    .description('stop a live model from classifying new files')
    .argument('<name>', 'a live model, as "swath model list" prints it')
    .somewhere()
    .runs(async () => (await import('../models/models.ts')).retire);

  model
    .command('list')
    .description("list a model's versions, their runs, which one is promoted since when, and the live models")
    .argument('[name]', "the model; default: the stack's own")
    .somewhere()
    .runs(async () => (await import('../models/listModels.ts')).list);

  program
    .command('retrain')
    .description('train a model anew with the truths that have come, and let it follow the live version')
    .argument('<command...>', 'what trains: a program and its arguments, after --; or one text, which a shell runs')
    .option('--model <name>', "the model; default: the stack's own")
    .option('--since <time>', 'learn from chips predicted since: an age such as 90d, or a date', '365d')
    .aboveZero('--held-out <share>', 'the share of scenes that it is judged by, and never learns from', 1, 0.2)
    .wholeNumber('--fresh <count>', 'train only with so many new truths', [2], 100)
    .option('--work <folder>', 'where the data and the package are until they are published', 'retraining')
    .somewhere()
    .runs(async () => (await import('../retrain/retrain.ts')).retrain);
}
