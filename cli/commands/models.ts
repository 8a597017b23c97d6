import type { Command } from 'commander';
import { examples, json, lazily, somewhere } from './options.ts';

/** Model versions. */
export function modelCommands(program: Command): void {
  const model = program
    .command('model')
    .description('publish model versions, and say which one classifies')
    .helpCommand(false);

  model
    .command('check')
    .description('say whether a model package is whole and runs, or what is wrong with it')
    .argument('<folder>', 'item.json, model.onnx, reference.json and README.md')
    .addOption(json())
    .addHelpText(
      'after',
      `
The model is loaded and classifies one batch in a process of its own, which is ended when it takes too long
or too much memory. "swath model publish" and "swath model promote" check the same first.

Exit code: 0 when it can be published, 1 when it was stopped, 2 when it is wrong.
${examples('model check models/droughtwatch-baseline/1.0.0')}`,
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
      .argument('<version>', 'as "swath model list" prints it'),
  )
    .addHelpText(
      'after',
      `\nA run uses one version from its start to its end.\n${examples('model promote 1.1.0 --stage dev')}`,
    )
    .action(lazily(async () => (await import('../models.ts')).promote));

  somewhere(model.command('rollback').description('promote the version again that was promoted before'))
    .addHelpText('after', examples('model rollback --stage dev'))
    .action(lazily(async () => (await import('../models.ts')).rollback));

  somewhere(model.command('list').description('list the versions of the model, and which one is promoted since when'))
    .addHelpText('after', examples('model list --stage dev', "model list --json | jq -r '.promoted.version'"))
    .action(lazily(async () => (await import('../models.ts')).list));
}
