import { Option } from 'commander';
import { DRAFT_TASKS } from '../../core/package/draftTasks.ts';
import { examples, json, type SwathCommand, watchedAlias } from './options.ts';

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
    .after(`
Writes item.json, reference.json and README.md into the folder of the model, which must not have them yet.
"TODO:" marks what only the model's author knows, and "swath model check" lists each such place.
${examples('model init my-model/model.onnx --example scene.tif', 'model init model.onnx --task semantic-segmentation')}`)
    .runs(async () => (await import('../models/initModel.ts')).initModel);

  model
    .command('check')
    .description('check that a model package is complete and runs, or print what is wrong with it')
    .argument('<folder>', 'item.json, model.onnx, reference.json and README.md')
    .option('--example <file>', 'a scene file whose first chips are classified')
    .addOption(json())
    .after(`
The model is loaded and classifies one batch in its own process, which is killed if it takes too long or too
much memory. "swath model publish" and "swath model promote" run the same check first.

Notes point out what is unusual but works: an unknown swath: key, a class that reference.json does not count, no
README.md.

If the package has a sample.json, the model must predict what is stored there; numbers may differ by 1 in 10,000.

It says what runs the model (a function, or a job in a container) and estimates its cost, by the time that the batch
takes on this machine: without reading, writing and starts.

With --example, the first dozen chips that are not blank are classified as by the service, and their predictions printed.

Exit code: 0 when the package can be published, 1 when the check was stopped, 2 when the package is invalid.
${examples(
  'model check models/droughtwatch-baseline/1.1.0',
  'model check models/droughtwatch-baseline/1.1.0 --example samples/droughtwatch/part-r-00012',
)}`)
    .runs(async () => (await import('../models/models.ts')).check);

  model
    .command('sample')
    .description("make a model package's sample: a chip and the model's prediction for it")
    .argument('<folder>', 'item.json, model.onnx and reference.json')
    .argument('<input>', 'an image of one chip, or an input of a request as JSON: {"values": …} or {"bands": …}')
    .option('--write', 'write it into the package, as sample.json, instead of printing it')
    .after(`
"swath model check" and "swath model publish" compare the model's prediction with the stored one.
${examples('model sample models/digits/1.0.0 seven.png', 'model sample my-model row.json --write')}`)
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
    .after(`
Replaces the profile of the source bands and of the model's predictions in reference.json. The best data are those
that the model was not trained on, from several places, dates and seasons. Neighbouring chips of a raster are alike,
so a thousand chips of one scene tell less than a thousand chips of many. If the names of the files have dates, it also
says what is usual in each month; and of the segments of the package (swath:segments), if five scenes have them.

With --from-runs, the reference for predictions is that of a stage's own first quiet weeks, with each run as a scene:
docs/drift.md says which runs are left out. A profile of the bands is replaced by that of the runs.
${examples('model profile my-model --data validation/*.tfrecord', 'model profile my-model --data scene.tif --bands B02 B03 --only-bands', 'model profile my-model --from-runs 30d --stage dev')}`)
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
    .after(`
The temperature is the one that makes the true classes most probable (Guo et al., ICML 2017). It changes the model's
confidence but no predicted class. The effect is measured by five-fold cross-validation. reference.json gets the number
of correct chips, from which accuracy without truth is estimated, and the threshold of prediction sets: the classes that a
chip may be. The sample is made anew, and the model card gets a section. For a model of pixels, --truth names masks, and
only the threshold is measured.

Exit code: 0 when the package is written, 2 when nothing can be fitted.
${examples('model calibrate my-model --data validation/*.tfrecord', 'model calibrate 1.2.0 --data fields.csv --truth labels.csv --as 1.2.1 --stage dev')}`)
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
    .after(`
The name and version are those in item.json. A published version never changes: publishing the same content again
does nothing, and other content is refused. "swath model list" shows where each version came from and its digest.

A registry is configured as for MLflow's own client: MLFLOW_TRACKING_URI is its address, MLFLOW_TRACKING_TOKEN, or
MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, the credentials.
${examples(
  'model publish models/droughtwatch-baseline/1.1.0 --promote --stage dev',
  'model publish mlflow:drought@champion --stage dev',
  'model publish https://models.example.org/drought/1.2.0/ --digest sha256:…',
)}`)
    .runs(async () => (await import('../models/models.ts')).publish);

  model
    .command('watch')
    .description('check once which version a registry alias points to, and publish a new one as a candidate')
    .argument('<alias>', 'mlflow:NAME@ALIAS', watchedAlias())
    .somewhere()
    .after(`
Sweeps do this by themselves on a stage deployed with the parameter modelWatch, and on an embedded stack started with
"swath start --model-watch". If the stage or the live version has a gate, the candidate shadows the live version for a
week, and the gate then decides whether it is promoted. Without a gate, it classifies nothing until you promote it.

Exit code: 0 when the version is published or promoted, now or before; 1 when the registry does not answer; 2 when the
version or its promotion is refused.
${examples('model watch mlflow:drought@champion --stage dev')}`)
    .runs(async () => (await import('../models/watchModel.ts')).watch);

  model
    .command('diff')
    .description("compare two versions' predictions for the same chips")
    .argument('<first>', "NAME/VERSION, a version of the stack's own model, or the folder of a package")
    .argument('<second>', 'the other one')
    .option('--since <time>', 'compare runs since: an age such as 7d, or a date', '7d')
    .option('--data <files...>', 'compare these scene files instead, which both packages classify first')
    .somewhere()
    .after(`
Chips are matched by the bytes of their files. For classes, the comparison prints the agreement, Cohen's kappa, and how far
the class shares moved compared with what chance explains; if the files contain ground truth, also each version's accuracy
and McNemar's test. For maps: the agreement by pixel, and the IoU of each class. For values: the differences and their
spread, and with ground truth the difference of the errors with its 95 % interval. With --data: the peak memory of each
version to load its model and infer a batch.

Exit code: 0 when there was something to compare, 1 when both have no chip in common, 2 on wrong use.
${examples(
  'model diff 1.0.0 1.1.0 --since 30d --stage dev',
  'model diff models/droughtwatch-baseline/1.1.0 my-model --data samples/droughtwatch/part-r-00012',
)}`)
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
    .after(`
A run uses one version from its start to its end. Promoting a version replaces the live one of that model.

A gate is a set of rules in the package ("swath:gate") or in the stage's parameter promotionGate. With a gate, a version
replaces another one only if it meets the rules, judged by the runs of the last 30 days in which both classified the same
files. A refusal has a sentence for each rule that is broken. "swath model history" lists refusals, and who promoted what
anyway and why.

--beside adds another model: each file gets a run by every live model that takes its key. It starts with files that
arrive from then on; "swath backfill", or "swath sweep --full" for bulk files, gives it the earlier ones.

Exit code: 0 when the version is promoted, 1 when the gate refuses it, 2 when it cannot run, or on wrong use.
${examples(
  'model promote 1.1.0 --stage dev',
  "model promote burnt-area/2.0.0 --beside --accepts 'south/*' '*.npy' --stage dev",
  'model promote 1.1.0 --anyway "wrong labels in the north, see the report of March" --stage dev',
)}`)
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
    .after(`
After a run of the live version is done, the shadow classifies the same prepared chips, so the two packages must have the
same bands, size and rule for blank chips. Its predictions count in no verdict, alarm, report or day. "swath model diff"
compares them, "swath model list" prints what the shadow costs, "swath runs --shadows" lists its runs. A model has one
shadow at a time; promoting the version ends it. A candidate of a watched alias waits for that.

Of predictions over HTTP, the shadow gets those that Swath's own server answers and counts ("swath serve --stage", "npm
start"), after the answer and when threads are idle. It gets none of the function predict. It makes no maps.
${examples('model shadow droughtwatch-baseline/1.1.0 --share 0.2 --stage dev', 'model shadow droughtwatch-baseline --end')}`)
    .runs(async () => (await import('../models/shadow.ts')).shadow);

  model
    .command('rollback')
    .description('promote the previously promoted version again')
    .argument('[name]', "the model; default: the stack's own")
    .option('--reason <text>', 'why, for "swath model history"')
    .somewhere()
    .examples('model rollback --stage dev')
    .runs(async () => (await import('../models/models.ts')).rollback);

  model
    .command('history')
    .description('list who promoted which version, when and why; the latest first')
    .argument('[name]', "the model; default: the stack's own")
    .wholeNumber('--limit <count>', 'at most this many', [1], 50)
    .somewhere()
    .examples('model history --stage dev')
    .runs(async () => (await import('../models/models.ts')).history);

  model
    .command('retire')
    .description('stop a live model from classifying new files')
    .argument('<name>', 'a live model, as "swath model list" prints it')
    .somewhere()
    .after(`
Its versions and predictions stay, and runs in progress finish. To make it live again, use
"swath model promote NAME/VERSION --beside".
${examples('model retire burnt-area --stage dev')}`)
    .runs(async () => (await import('../models/models.ts')).retire);

  model
    .command('list')
    .description("list a model's versions, their runs, which one is promoted since when, and the live models")
    .argument('[name]', "the model; default: the stack's own")
    .somewhere()
    .examples('model list --stage dev', "model list --json | jq -r '.promoted.version'")
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
    .after(`
Does what there is to do, and ends: call it daily, or name it to "swath start --retrain". The command finds in its environment

  SWATH_RETRAIN_DATA     a folder with train/, held-out/ and truth.csv (scene,index,truth,sample), as for "swath truth"
  SWATH_RETRAIN_OUT      the empty folder that it writes a model package into
  SWATH_RETRAIN_MODEL    the name and
  SWATH_RETRAIN_VERSION  the version that the package must have

A package that is worse on the held-out scenes than the live version is refused. Otherwise it is published and, if there is a
gate, shadows the live version for a week, after which the gate decides. docs/retraining.md has the details.

Exit code: 0 when there was nothing to do, or it is published or promoted; 1 when the training failed; 2 when the version
or its promotion is refused, or on wrong use.
${examples('retrain -- uv run --project training train --variant baseline', 'retrain --stage dev --fresh 500 -- python3 train.py')}`)
    .runs(async () => (await import('../retrain/retrain.ts')).retrain);
}
