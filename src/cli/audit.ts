import { ArungError } from '../domain/errors.ts';
import { action, type CommandFile } from './command.ts';
import { onState } from './context.ts';
import { print, type OutputOptions } from './output.ts';

export const auditCommand: CommandFile = (program) => {
  const audit = program.command('audit').description('the log of every change');
  audit
    .command('verify')
    .description('check the chain of hashes: was an entry changed, removed or put in between?')
    .option('--json', 'print JSON')
    .action(
      action(async (options: OutputOptions) => {
        const found = await onState((state) => state.audit.verify());
        if (!found.ok) {
          throw new ArungError('conflict', `The audit log was tampered with at entry ${found.seq}: ${found.reason}.`, {
            code: 'audit.tampered',
          });
        }
        print(options, found, () => `The audit log is whole: ${found.rows} entries, head ${found.head}.`);
      }),
    );
};
