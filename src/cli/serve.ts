import { pino } from 'pino';
import { readConfig } from '../config.ts';
import { startController } from '../main.ts';
import { action, type CommandFile } from './command.ts';
import { untilStopped } from './until-stopped.ts';

export const serveCommand: CommandFile = (program) => {
  program
    .command('serve')
    .description('run the controller: console, API, polling, stores (`npm start`)')
    .action(
      action(async () => {
        const { config } = readConfig({ env: process.env });
        const logger = pino({ level: config.logLevel });
        const controller = await startController({ config, logger });
        const first = controller.firstAdministrator;
        process.stdout.write(`Console: ${controller.url}\n`);
        if (first !== null) {
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
