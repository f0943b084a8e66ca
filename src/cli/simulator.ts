import { SimulatorControl, SimulatorRefusal, type LinkItem } from '../../agents/simulator/control.ts';
import { ArungError } from '../domain/errors.ts';
import { simulatorSocket } from '../demo/places.ts';
import { action, type CommandFile } from './command.ts';
import { commandConfig } from './context.ts';
import { print, table, type OutputOptions } from './output.ts';

/** Talks to the simulated backbone of this data folder; a refusal becomes a sentence of ours. */
async function onSimulator<T>(work: (control: SimulatorControl) => Promise<T>): Promise<T> {
  const { dataDir } = commandConfig();
  try {
    return await work(new SimulatorControl(simulatorSocket(dataDir)));
  } catch (cause) {
    if (cause instanceof SimulatorRefusal) {
      const near = cause.near.length === 0 ? '' : ` Did you mean ${cause.near.join(', ')}?`;
      throw new ArungError('not-found', cause.message + near, { cause });
    }
    const socket = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    const code = (socket as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') {
      throw new ArungError(
        'unavailable',
        `No simulated backbone runs on the data folder ${dataDir}: start \`npm run demo\` first, or set ARUNG_DATA_DIR to its folder.`,
        { cause },
      );
    }
    throw cause;
  }
}

function linkSentence(link: LinkItem): string {
  return `${link.name} (${link.medium}) is ${link.state === 'cut' ? 'cut' : 'up'}.`;
}

export const simulatorCommand: CommandFile = (program) => {
  const simulator = program.command('simulator').description('the simulated backbone: cut, slow and garble at will');

  simulator
    .command('links')
    .description('list the links that can be cut')
    .option('--inside', 'also the cables inside sites (JSON has them in any case)')
    .option('--json', 'print JSON')
    .action(
      action(async (options: OutputOptions & { inside?: boolean }) => {
        const all = await onSimulator((control) => control.links());
        const items =
          options.json === true || options.inside === true ? all : all.filter((link) => link.between === 'sites');
        print(options, { items, next: null }, () =>
          table(
            ['LINK', 'MEDIUM', 'STATE'],
            items.map((link) => [link.name, link.medium, link.state]),
          ),
        );
      }),
    );

  for (const verb of ['cut', 'restore'] as const) {
    simulator
      .command(`${verb} <link>`)
      .description(verb === 'cut' ? 'cut a link: what lies behind it falls silent' : 'put a link together again')
      .option('--json', 'print JSON')
      .action(
        action(async (link: string, options: OutputOptions) => {
          const done = await onSimulator((control) => control[verb](link));
          print(options, done, () => linkSentence(done));
        }),
      );
  }

  simulator
    .command('reboot <device>')
    .description('restart a device: silent for half a minute, counters and uptime from zero')
    .option('--json', 'print JSON')
    .action(
      action(async (device: string, options: OutputOptions) => {
        await onSimulator((control) => control.reboot(device));
        print(options, { device, rebooting: true }, () => `${device} restarts.`);
      }),
    );

  simulator
    .command('hand <router> <command> [words...]')
    .description('type a command at a router: /ip/pool/print; /ip/pool/set ?name=kolam ranges=10.0.0.2-10.0.0.9')
    .option('--json', 'print JSON')
    .action(
      action(async (router: string, command: string, words: string[], options: OutputOptions) => {
        const items = await onSimulator((control) => control.hand(router, command, words));
        const lines = items.map((row) => Object.entries(row).map(([name, value]) => `${name}=${value}`).join(' ')); // prettier-ignore
        print(options, { items, next: null }, () => (lines.length === 0 ? 'Nothing there.' : lines.join('\n')));
      }),
    );

  simulator
    .command('slow <device> <ms>')
    .description('answer that many milliseconds late')
    .option('--json', 'print JSON')
    .action(
      action(async (device: string, ms: string, options: OutputOptions) => {
        const delay = Number(ms);
        if (!Number.isInteger(delay) || delay < 0 || delay > 60_000) {
          throw new ArungError('invalid', `${ms} is no delay: give milliseconds from 0 to 60000.`);
        }
        await onSimulator((control) => control.slow(device, delay));
        print(options, { device, slowMs: delay }, () => `${device} answers ${delay} ms late.`);
      }),
    );

  for (const [verb, description, sentence] of [
    ['garble', 'answer with damaged and forged datagrams', 'answers garbage'],
    ['heal', 'end slow and garble', 'answers as it should'],
  ] as const) {
    simulator
      .command(`${verb} <device>`)
      .description(description)
      .option('--json', 'print JSON')
      .action(
        action(async (device: string, options: OutputOptions) => {
          await onSimulator((control) => control[verb](device));
          print(options, { device, [verb]: true }, () => `${device} ${sentence}.`);
        }),
      );
  }

  simulator
    .command('loss <percent>')
    .description('lose this share of SNMP packets in each direction, on all links or on one')
    .option('--link <link>', 'only packets that pass this link')
    .option('--json', 'print JSON')
    .action(
      action(async (percent: string, options: OutputOptions & { link?: string }) => {
        const share = Number(percent);
        if (!(share >= 0 && share <= 100)) {
          throw new ArungError('invalid', `${percent} is no share: give a percentage from 0 to 100.`);
        }
        await onSimulator((control) => control.loss(share, options.link));
        print(
          options,
          { lossPercent: share, link: options.link ?? null },
          () => `${share} % of packets are lost each way.`,
        );
      }),
    );

  simulator
    .command('service <code> <state>')
    .description('break, slow or mend an application on its server: down, slow or up')
    .option('--json', 'print JSON')
    .action(
      action(async (code: string, state: string, options: OutputOptions) => {
        if (state !== 'up' && state !== 'slow' && state !== 'down')
          throw new ArungError('invalid', `Say up, slow or down, not ${state}.`);
        const item = await onSimulator((control) => control.service(code, state));
        print(options, item, () => `${item.code} at ${item.url} is ${item.mode}.`);
      }),
    );

  simulator
    .command('power <feeder> <state>')
    .description('switch a feeder of the power company on or off')
    .option('--json', 'print JSON')
    .action(
      action(async (feeder: string, state: string, options: OutputOptions) => {
        if (state !== 'on' && state !== 'off') throw new ArungError('invalid', `Say on or off, not ${state}.`);
        await onSimulator((control) => control.power(feeder, state));
        print(options, { feeder, state }, () => `${feeder} is ${state}.`);
      }),
    );
};
