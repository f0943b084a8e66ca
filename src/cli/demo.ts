import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pino } from 'pino';
import { readConfig } from '../config.ts';
import { demoInventory, fillInventory, freeTcpPort, SimulatorProcess } from '../demo/demo.ts';
import { fillPeople, putOnDuty } from '../demo/people.ts';
import { systemClock } from '../domain/clock.ts';
import { simulatorSocket } from '../demo/places.ts';
import { simulatorRoutes } from '../demo/simulator-routes.ts';
import { ArungError } from '../domain/errors.ts';
import type { Controller } from '../main.ts';
import { action, type CommandFile } from './command.ts';
import type { OutputOptions } from './output.ts';
import { keepFilesToOurselves } from './own-files.ts';
import { untilStopped } from './until-stopped.ts';

/** The console is built beside the start of everything else; nothing to do when its sources are as they were. */
async function buildConsole(): Promise<void> {
  const script = join(import.meta.dirname, '../../scripts/build-console.ts');
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'ignore', 'ignore'] });
  const code = await new Promise<number>((done) => {
    child.on('close', (status) => done(status ?? 1));
    child.on('error', () => done(1));
  });
  if (code !== 0) throw new ArungError('internal', 'The console could not be built: run `npm run build` to see why.');
}

export const demoCommand: CommandFile = (program) => {
  program
    .command('demo')
    .description('run the controller on a simulated backbone of Kabupaten Bone (`npm run demo`)')
    .option('--json', 'print where it is as one line of JSON')
    .action(
      action(async (options: OutputOptions) => {
        const say = (text: string): void => {
          if (options.json !== true) process.stdout.write(text + '\n');
        };
        const { config, report } = readConfig({ env: process.env });
        const isChosen = report.some(({ name, source }) => name === 'ARUNG_LOG_LEVEL' && source !== 'default');
        const logger = pino({ level: isChosen ? config.logLevel : 'error' });
        const building = buildConsole();
        building.catch(() => undefined); // looked at below
        // after the build, whose files are for every account
        keepFilesToOurselves();
        say('Starting PostgreSQL, broker, metric store and controller …');
        const document = await demoInventory(config.dataDir);
        const mqttPort = config.mqttPort === 0 ? await freeTcpPort() : config.mqttPort;
        const mqttUrl = config.mqttUrl ?? `mqtt://127.0.0.1:${mqttPort}`;
        const simulator = new SimulatorProcess({ dataDir: config.dataDir, mqttUrl, logger });
        // Most of the program, which no other command waits for.
        const { startController } = await import('../main.ts');
        let controller: Controller;
        try {
          controller = await startController({
            config: { ...config, mqttPort },
            logger,
            moreRoutes: [simulatorRoutes(simulatorSocket(config.dataDir))],
            prepare: async (state) => {
              say('Filling the inventory of Kabupaten Bone and starting its simulated devices …');
              // devices first, so that the first question finds them there
              await Promise.all([simulator.start(), fillInventory(state.inventory, document, logger)]);
              await fillPeople(state, systemClock.now());
            },
          });
        } catch (error) {
          await simulator.stop();
          throw error;
        }
        const stop = async (): Promise<void> => {
          // the controller first: it must not see its devices fall silent
          await controller.stop();
          await simulator.stop();
        };
        try {
          await building;
        } catch (error) {
          await stop();
          throw error;
        }
        const onDuty = await putOnDuty(controller, 'admin', systemClock.now());
        const first = controller.firstAdministrator;
        if (options.json === true) {
          process.stdout.write(
            JSON.stringify({ url: controller.url, localUrl: controller.localUrl, firstAdministrator: first }) + '\n',
          );
        }
        say('');
        if (controller.localUrl !== controller.url) say(`Listens at ${controller.localUrl}`);
        say(`Console: ${controller.url}`);
        if (first === null)
          say('Sign in: admin, with the password you have (`./arung user reset admin` makes a new one)');
        else if (first.oneTimePassword === null) say('Sign in: admin, with the password of ARUNG_ADMIN_PASSWORD');
        else
          say(`Sign in: admin, password ${first.oneTimePassword} (shown this once; you are asked for one of your own)`);
        if (onDuty !== null) say(`On duty: ${onDuty}, that is you; what is told is in the inbox (/inbox)`);
        say('');
        say('Try, in another terminal:');
        // another terminal knows nothing of a folder that was named in this one
        if (process.env['ARUNG_DATA_DIR'] !== undefined) say(`  export ARUNG_DATA_DIR='${config.dataDir}'`);
        say('  ./arung simulator cut palattae--kahu       Kecamatan Kahu goes dark, with its cause');
        say('  ./arung simulator restore palattae--kahu   and comes back');
        say('  ./arung simulator links                    what else can be cut');
        say('');
        say('The routers of Kecamatan Kahu as code, with Node 24 (docs/pulumi.md says how to get it):');
        say(`  export ARUNG_URL=${controller.localUrl} PULUMI_CONFIG_PASSPHRASE=demo`);
        say('  export ARUNG_TOKEN=$(./arung token create --name pulumi --role operator --replace)');
        say('  cd pulumi && npm ci && npx pulumi stack select --create kahu && npx pulumi up');
        say('');
        say('Ctrl-C stops it; the next start goes on with the same data.');
        await untilStopped(stop);
      }),
    );
};
