import { type Command, Option } from 'commander';
import { DRAFT_TASKS } from '../../core/models/draftTasks.ts';
import { examples, json, lazily, somewhere } from './options.ts';

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

With --example, the first dozen chips that are not blank go the way of the service. A page with their pictures and
predictions is written into the folder that the command is called in: NAME-VERSION-example.html.

Exit code: 0 when it can be published, 1 when it was stopped, 2 when it is wrong.
${examples(
  'model check models/droughtwatch-baseline/1.0.0',
  'model check models/droughtwatch-baseline/1.0.0 --example samples/droughtwatch/part-r-00012',
)}`,
    )
    .action(lazily(async () => (await import('../models.ts')).check));

  somewhere(
    model
      .command('publish')
      .description('publish a model package, once it is found to be whole and to run')
      .argument('<folder>', 'item.json, model.onnx, reference.json and README.md')
      .option('--promote', 'and let it classify what comes from now on'),
  )
    .addHelpText(
      'after',
      `
Its name and version stand in item.json. A version never changes: the same content once more does
nothing, other content is refused.
${examples('model publish models/droughtwatch-baseline/1.0.0 --promote --stage dev')}`,
    )
    .action(lazily(async () => (await import('../models.ts')).publish));

  somewhere(
    model
      .command('promote')
      .description('let a published version classify what comes from now on')
      .usage('[options] [name] <version>')
      .argument('<name-or-version>', 'the model, where it is not the own one, or the version at once')
      .argument('[version]', 'as "swath model list" prints it')
      .option('--beside', 'have the model classify what comes, beside those that are live')
      .option('--accepts <patterns...>', 'which keys it takes, with * for any text; every key if it is never said'),
  )
    .addHelpText(
      'after',
      `
A run uses one version from its start to its end. Promoting a version replaces the live one of that model.
--beside adds another model: each file has a run by every live model that takes its key. It starts with the
files that come from then on; "swath backfill", or "swath sweep --full" for bulk files, gives it the others.
${examples('model promote 1.1.0 --stage dev', "model promote burnt-area 2.0.0 --beside --accepts 'south/*' '*.npy' --stage dev")}`,
    )
    .action(lazily(async () => (await import('../models.ts')).promote));

  somewhere(
    model
      .command('rollback')
      .description('promote the version again that was promoted before')
      .argument('[name]', 'the model, where it is not the own one'),
  )
    .addHelpText('after', examples('model rollback --stage dev'))
    .action(lazily(async () => (await import('../models.ts')).rollback));

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
"swath model promote NAME VERSION --beside".
${examples('model retire burnt-area --stage dev')}`,
    )
    .action(lazily(async () => (await import('../models.ts')).retire));

  somewhere(
    model
      .command('list')
      .description("list a model's versions, which one is promoted since when, and what is live")
      .argument('[name]', 'the model, where it is not the own one'),
  )
    .addHelpText('after', examples('model list --stage dev', "model list --json | jq -r '.promoted.version'"))
    .action(lazily(async () => (await import('../models.ts')).list));
}
