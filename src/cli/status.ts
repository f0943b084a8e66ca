import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import { text } from 'node:stream/consumers';
import { ArungError } from '../domain/errors.ts';
import { readControllerNote } from '../state.ts';
import { action, type CommandFile } from './command.ts';
import { commandConfig } from './context.ts';
import { print, type OutputOptions } from './output.ts';

/**
 * Asks a controller of this machine, which its own note named: its certificate is made out to the name that people type,
 * and is not what proves who answers here.
 */
function askOurselves(url: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? getSecure : getPlain;
    const request = get(url, { rejectUnauthorized: false, timeout: 5_000 }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer within 5 s')));
    request.on('error', reject);
  });
}

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
          const answer = await askOurselves(`${note.localUrl}/readyz`);
          isReady = answer.status === 200;
          ready = JSON.parse(answer.body);
        } catch (cause) {
          throw new ArungError(
            'unavailable',
            `The controller (process ${note.pid}) does not answer at ${note.localUrl}.`,
            {
              cause,
            },
          );
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
