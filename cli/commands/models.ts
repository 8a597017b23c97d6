import { type Command, Option } from 'commander';
import { DRAFT_TASKS } from '../../core/models/draftTasks.ts';
import { count, examples, json, lazily, share, somewhere } from './options.ts';

/** Model versions. */
export function modelCommands(program: Command): void {
  const model = program
    .command('model')
    .description('publish model versions, and say which one classifies')
    .helpCommand(false);

  model
    .command('init')
    .description('write the beginning of a model package beside an ONNX file: what its graph and an example say')
    .argument('<onnx>', 'the model')
    .option('--example <file>', 'a scene file such as it takes, for its bands: a raster, such as a GeoTIFF')
    .addOption(new Option('--task <task>', "what its numbers mean, where that isn't plain").choices(DRAFT_TASKS))
    .addOption(json())
    .addHelpText(
      'after',
      `
item.json, reference.json and README.md are written into the folder of the model, which must have none yet.
What only its author knows is marked there by "TODO:", and "swath model check" names each such place.
${examples('model init my-model/model.onnx --example scene.tif', 'model init model.onnx --task semantic-segmentation')}`,
    )
    .action(lazily(async () => (await import('../initModel.ts')).initModel));

  model
    .command('check')
    .description('say whether a model package is whole and runs, or what is wrong with it')
    .argument('<folder>', 'item.json, model.onnx, reference.json and README.md')
    .option('--example <file>', 'a scene file, of which the first chips are classified and drawn')
    .addOption(json())
    .addHelpText(
      'after',
      `
The model is loaded and classifies one batch in a process of its own, which is ended when it takes too long
or too much memory. "swath model publish" and "swath model promote" check the same first.

What is unusual but works is told as a note: a swath: key that is not known, a class that reference.json does
not count, no README.md.

Of a package with a sample.json, the model has to predict what is stored there: numbers to 1 in 10,000.

With --example, the first dozen chips that are not blank go the way of the service. A page with their pictures and
predictions is written into the folder that the command is called in: NAME-VERSION-example.html.

Exit code: 0 when it can be published, 1 when it was stopped, 2 when it is wrong.
${examples(
  'model check models/droughtwatch-baseline/1.1.0',
  'model check models/droughtwatch-baseline/1.1.0 --example samples/droughtwatch/part-r-00012',
)}`,
    )
    .action(lazily(async () => (await import('../models.ts')).check));

  model
    .command('sample')
    .description('make the sample of a model package: a chip, and what the model predicts for it')
    .argument('<folder>', 'item.json, model.onnx and reference.json')
    .argument('<input>', 'an image of one chip, or an input of a request as JSON: {"values": …} or {"bands": …}')
    .option('--write', 'into the package, as sample.json; else it is printed')
    .addHelpText(
      'after',
      `
"swath model check" and "swath model publish" compare the prediction with the stored one.
${examples('model sample models/digits/1.0.0 seven.png', 'model sample my-model row.json --write')}`,
    )
    .action(lazily(async () => (await import('../sampleOfModel.ts')).sampleOfModel));

  model
    .command('profile')
    .description('say in a package what its data are like: the profile that source bands are watched by')
    .argument('<folder>', 'item.json, model.onnx and reference.json')
    .requiredOption('--data <files...>', 'scene files of training or validation data, in any format that is read')
    .option('--bands <names...>', 'the source bands to watch, where there are more than a profile holds')
    .option('--only-bands', 'leave what predictions are measured against as it is')
    .addHelpText(
      'after',
      `
reference.json gets a profile of the source bands, and of what the model predicts for these files, in the place of
what it had. Data that the model was not trained on tell best what is usual: several places, dates and seasons.
A chip of a raster is like its neighbours, so a thousand chips of one scene are no thousand chips.
${examples('model profile my-model --data validation/*.tfrecord', 'model profile my-model --data scene.tif --bands B02 B03 --only-bands')}`,
    )
    .action(lazily(async () => (await import('../profileModel.ts')).profileModel));

  somewhere(
    model
      .command('calibrate')
      .description('write a version whose probabilities say how often its classes are right: by one temperature')
      .argument('<package>', 'the folder of a package, NAME/VERSION, or a version of the own model')
      .requiredOption('--data <files...>', 'scene files that the model was not trained on, in any format that is read')
      .option('--truth <file>', 'what is true of their chips, as "swath truth" takes it, where the files do not say')
      .option('--as <version>', 'the new version; default: the one it has, with -calibrated behind it')
      .option('--to <folder>', 'the new package; default: NAME-VERSION, in the folder that the command is called in'),
  )
    .addHelpText(
      'after',
      `
The temperature is the one that makes the true classes most probable (Guo et al., ICML 2017). It changes how sure the
model says it is, and no class. What it is worth is told by chips that it was not fitted to: in five parts, each judged by
what was fitted to the other four. reference.json gets how many chips were right, which accuracy without truth is
estimated by; the sample is made anew, and the model card gets a section.

Exit code: 0 when it is written, 2 where nothing can be fitted.
${examples('model calibrate my-model --data validation/*.tfrecord', 'model calibrate 1.2.0 --data fields.csv --truth labels.csv --as 1.2.1 --stage dev')}`,
    )
    .action(lazily(async () => (await import('../calibrateModel.ts')).calibrateModel));

  somewhere(
    model
      .command('publish')
      .description('publish a model package, once it is found to be whole and to run')
      .argument(
        '<package>',
        'a folder, mlflow:NAME@ALIAS, mlflow:NAME/VERSION, s3://BUCKET/FOLDER/ or https://HOST/FOLDER/',
      )
      .option('--promote', 'and let it classify what comes from now on')
      .option('--digest <digest>', 'take these files alone: sha256:…, as it is told of a package that is published'),
  )
    .addHelpText(
      'after',
      `
Its name and version stand in item.json. A version never changes: the same content once more does
nothing, other content is refused. Where it came from and its digest are kept with it, and "swath model list" shows them.

A registry is asked as MLflow's own client does: MLFLOW_TRACKING_URI says where it is, MLFLOW_TRACKING_TOKEN, or
MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, let it in.
${examples(
  'model publish models/droughtwatch-baseline/1.1.0 --promote --stage dev',
  'model publish mlflow:drought@champion --stage dev',
  'model publish https://models.example.org/drought/1.2.0/ --digest sha256:…',
)}`,
    )
    .action(lazily(async () => (await import('../models.ts')).publish));

  somewhere(
    model
      .command('watch')
      .description('look once at what an alias of a registry points to, and publish what is new there as a candidate')
      .argument('<alias>', 'mlflow:NAME@ALIAS'),
  )
    .addHelpText(
      'after',
      `
A sweep does so by itself: of a stage that is deployed with the parameter modelWatch, of the embedded stack where
"swath start --model-watch" names the alias. Where the stage or the live version has a gate, the version then shadows the
live one for a week, and its gate promotes it, or does not; else it classifies nothing until somebody promotes it.

Exit code: 0 when the version is published, also before, or promoted; 1 when the registry does not answer; 2 when the version
or its promotion is refused.
${examples('model watch mlflow:drought@champion --stage dev')}`,
    )
    .action(lazily(async () => (await import('../watchModel.ts')).watch));

  somewhere(
    model
      .command('diff')
      .description('compare two versions: how their predictions for the same chips differ')
      .argument('<first>', 'NAME/VERSION, a version of the own model, or the folder of a package')
      .argument('<second>', 'the other one')
      .option('--since <time>', 'by runs since then: an age such as 7d, or a date', '7d')
      .option('--data <files...>', 'by these scene files instead, which both packages classify first')
      .option('--html <file>', 'write a page with the pictures of the chips that differ most'),
  )
    .addHelpText(
      'after',
      `
Chips are the same where their files have the same bytes. Told are agreement, Cohen's kappa, how far the shares of the
classes have moved beside what chance explains, and where the files say what is true, how right each version is with
McNemar's test. Of maps: agreement pixel by pixel, and the IoU of each class. For values: the differences and their spread,
and where truth is known, by how much the error of one is larger, with the 95 % interval. With --data, the peak of memory
that each takes to load its model and infer a batch.

Exit code: 0 when there was something to compare, 1 when there was no chip that both have classified, 2 on wrong use.
${examples(
  'model diff 1.0.0 1.1.0 --since 30d --stage dev',
  'model diff models/droughtwatch-baseline/1.1.0 my-model --data samples/droughtwatch/part-r-00012 --html diff.html',
)}`,
    )
    .action(lazily(async () => (await import('../modelDiff.ts')).diff));

  somewhere(
    model
      .command('promote')
      .description('let a published version classify what comes from now on')
      .usage('[options] [name/]<version>')
      .argument('<name/version>', 'NAME/VERSION as "swath model list" prints it, or a version of the own model')
      .argument('[version]', 'the version, where the name stands before it without a "/"')
      .option('--beside', 'have the model classify what comes, beside those that are live')
      .option('--accepts <patterns...>', 'which keys it takes, with * for any text; every key if it is never said')
      .option('--reason <text>', 'why, for "swath model history"')
      .option('--anyway <why>', 'though the gate refuses it'),
  )
    .addHelpText(
      'after',
      `
A run uses one version from its start to its end. Promoting a version replaces the live one of that model.

Where a package has rules for that, "swath:gate", or the stage's parameter promotionGate has, a version is promoted in the
place of another one only if it keeps them: by the runs of the last 30 days in which both have classified the same files.
It is refused with a sentence for each rule. What was refused, and what was promoted anyway, by whom and why, "swath model
history" tells.

--beside adds another model: each file has a run by every live model that takes its key. It starts with the
files that come from then on; "swath backfill", or "swath sweep --full" for bulk files, gives it the others.

Exit code: 0 when it is promoted, 1 when the gate refuses it, 2 when it cannot run, or on wrong use.
${examples(
  'model promote 1.1.0 --stage dev',
  "model promote burnt-area/2.0.0 --beside --accepts 'south/*' '*.npy' --stage dev",
  'model promote 1.1.0 --anyway "wrong labels in the north, see the report of March" --stage dev',
)}`,
    )
    .action(lazily(async () => (await import('../models.ts')).promote));

  somewhere(
    model
      .command('shadow')
      .description('have a candidate version classify beside the live one, without counting; or end that')
      .argument('[version]', 'NAME/VERSION, or a version of the own model; with --end, a NAME')
      .option(
        '--share <share>',
        'the share of the files, and of the requests over HTTP, that it classifies, above 0, up to 1 (default: 1)',
        share,
      )
      .option('--end', "end the model's shadow"),
  )
    .addHelpText(
      'after',
      `
The chips that were prepared for the live version are classified once more, after its run is done: the two packages must
have the same bands, size and rule for blank chips. What a shadow predicts counts in no verdict, alarm, report or day;
"swath model diff" compares it, "swath model list" tells what it costs, "swath runs --shadows" lists its runs. A model has
one shadow at a time; promoting the version ends it. A candidate of an alias that is watched waits for that.

Over HTTP it sees what a server of Swath answers and has counted ("swath serve --stage", "npm start"), once it is answered and
when its threads are idle; of an account's own API (the function predict) it sees nothing. Of pixels it makes no maps.
${examples('model shadow droughtwatch-baseline/1.1.0 --share 0.2 --stage dev', 'model shadow droughtwatch-baseline --end')}`,
    )
    .action(lazily(async () => (await import('../shadow.ts')).shadow));

  somewhere(
    model
      .command('rollback')
      .description('promote the version again that was promoted before')
      .argument('[name]', 'the model, where it is not the own one')
      .option('--reason <text>', 'why, for "swath model history"'),
  )
    .addHelpText('after', examples('model rollback --stage dev'))
    .action(lazily(async () => (await import('../models.ts')).rollback));

  somewhere(
    model
      .command('history')
      .description('who promoted which version, when, and why; the latest first')
      .argument('[name]', 'the model, where it is not the own one')
      .option('--limit <count>', 'at most so many', count, 50),
  )
    .addHelpText('after', examples('model history --stage dev'))
    .action(lazily(async () => (await import('../models.ts')).history));

  somewhere(
    model
      .command('retire')
      .description('have a model no longer classify what comes')
      .argument('<name>', 'a live model, as "swath model list" prints it'),
  )
    .addHelpText(
      'after',
      `
Its versions and predictions stay, and its runs that are under way come to their end. The way back is
"swath model promote NAME/VERSION --beside".
${examples('model retire burnt-area --stage dev')}`,
    )
    .action(lazily(async () => (await import('../models.ts')).retire));

  somewhere(
    model
      .command('list')
      .description("list a model's versions, which one is promoted since when, what each did, and what is live")
      .argument('[name]', 'the model, where it is not the own one'),
  )
    .addHelpText('after', examples('model list --stage dev', "model list --json | jq -r '.promoted.version'"))
    .action(lazily(async () => (await import('../listModels.ts')).list));
}
