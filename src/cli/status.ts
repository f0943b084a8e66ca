import { ArungError } from '../domain/errors.ts';
import { readControllerNote } from '../state.ts';
import { action, type CommandFile } from './command.ts';
import { commandConfig } from './context.ts';
import { print, type OutputOptions } from './output.ts';

export const statusCommand: CommandFile = (program) => {
  program
    .command('status')
    .description('whether a controller runs on this data folder, where, and whether it is ready')
    .option('--json', 'print JSON')
    .action(
      action(async (options: OutputOptions) => {
        const { dataDir } = commandConfig();
        const note = readControllerNote(dataDir);
        if (note === null) {
          throw new ArungError('unavailable', `No controller runs on ${dataDir}: start one with \`npm start\`.`);
        }
        let ready: unknown;
        let isReady = false;
        try {
          const answer = await fetch(`${note.url}/readyz`, { signal: AbortSignal.timeout(5000) });
          isReady = answer.ok;
          ready = await answer.json();
        } catch (cause) {
          throw new ArungError('unavailable', `The controller (process ${note.pid}) does not answer at ${note.url}.`, {
            cause,
          });
        }
        print(options, { ...note, ready }, () => `Console: ${note.url}\nProcess ${note.pid}, ${JSON.stringify(ready)}`);
        if (!isReady) {
          throw new ArungError(
            'unavailable',
            `The controller (process ${note.pid}) runs but is not ready: see its log.`,
            {
              code: 'status.not-ready',
            },
          );
        }
      }),
    );
};
