import { action, type CommandFile } from './command.ts';
import { onState } from './context.ts';
import { print, type OutputOptions } from './output.ts';

export const keyCommand: CommandFile = (program) => {
  const key = program.command('key').description('the key that seals secrets in the database');
  key
    .command('rotate')
    .description('make a new key and seal every secret anew; stop the controller first')
    .option('--json', 'print JSON')
    .action(
      action(async (options: OutputOptions) => {
        const done = await onState(async ({ vault }, config) => ({
          secrets: await vault.rotate(),
          keyFile: config.keyFile,
        }));
        print(options, done, () => `${done.secrets} secrets are sealed with a new key in ${done.keyFile}.`);
      }),
    );
};
