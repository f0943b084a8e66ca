import { readConfig } from '../config.ts';
import { action, type CommandFile } from './command.ts';
import { print, table, type OutputOptions } from './output.ts';

export const configCommand: CommandFile = (program) => {
  program
    .command('config')
    .description('print every setting with its value, where it comes from and what it does (secrets masked)')
    .option('--json', 'print JSON')
    .action(
      action((options: OutputOptions) => {
        const { report } = readConfig({ env: process.env });
        print(options, { items: report, next: null }, () =>
          table(
            ['SETTING', 'VALUE', 'SOURCE', 'MEANING'],
            report.map((row) => [row.name, row.value, row.source, row.meaning]),
          ),
        );
      }),
    );
};
