import { systemAccess } from '../domain/access.ts';
import { action, type CommandFile } from './command.ts';
import { onState } from './context.ts';
import { print, table, type OutputOptions } from './output.ts';

const access = systemAccess('command line');

export const regionsCommand: CommandFile = (program) => {
  const regions = program.command('regions').description('provinces, regencies, kecamatan and desa/kelurahan');
  regions
    .command('import <code>')
    .description('take a province (73), regency (73.08) or kecamatan with all below it from the Kemendagri catalogue')
    .option('--json', 'print JSON')
    .action(
      action(async (code: string, options: OutputOptions) => {
        const done = await onState(({ inventory }) => inventory.catalogue.import(access, code), {
          begins: true,
        });
        print(options, done, () =>
          table(
            ['LEVEL', 'REGIONS'],
            Object.entries(done.regions).map(([level, count]) => [level, String(count)]),
          ),
        );
      }),
    );
};
