import { pino } from 'pino';
import { readConfig } from '../config.ts';
import { action, type CommandFile } from './command.ts';
import type { OutputOptions } from './output.ts';
import { keepFilesToOurselves } from './own-files.ts';
import { untilStopped } from './until-stopped.ts';
import { whenFree } from './when-free.ts';

export const serveCommand: CommandFile = (program) => {
  program
    .command('serve')
    .description('run the controller: console, API, polling, stores (`npm start`)')
    .option('--json', 'print where it is as one line of JSON')
    .action(
      action(async (options: OutputOptions) => {
        const { config } = readConfig({ env: process.env });
        keepFilesToOurselves();
        // with --json stdout is that one value and nothing else
        const logger = pino({ level: config.logLevel }, pino.destination(options.json === true ? 2 : 1));
        // Most of the program, which no other command waits for.
        const { startController } = await import('../main.ts');
        const controller = await whenFree(config.dataDir, () => startController({ config, logger }));
        const first = controller.firstAdministrator;
        if (options.json === true) {
          process.stdout.write(
            JSON.stringify({ url: controller.url, localUrl: controller.localUrl, firstAdministrator: first }) + '\n',
          );
        } else {
          if (controller.localUrl !== controller.url) process.stdout.write(`Listens at ${controller.localUrl}\n`);
          process.stdout.write(`Console: ${controller.url}\n`);
        }
        if (first !== null && options.json !== true) {
          process.stdout.write(
            first.oneTimePassword === null
              ? `Sign in as ${first.name} with the password of ARUNG_ADMIN_PASSWORD.\n`
              : `Sign in as ${first.name} with the one-time password ${first.oneTimePassword} (it is not shown again).\n`,
          );
        }
        await untilStopped(() => controller.stop());
      }),
    );
};
