import { once } from 'node:events';
import { pino } from 'pino';
import { Simulation } from '../alerting/simulation/simulation.ts';
import type { FailureResult } from '../alerting/simulation/result.ts';
import { SummaryCount, type Summary } from '../alerting/simulation/summary.ts';
import { systemClock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { readDocumentTopology } from '../inventory/import/document-topology.ts';
import { StatusBoard } from '../status/board.ts';
import { action, type CommandFile } from './command.ts';
import { readText, within } from './given.ts';
import type { OutputOptions } from './output.ts';
import { ProgressLine } from './progress.ts';

interface FailureOptions extends OutputOptions {
  readonly inventory: string;
  readonly links?: boolean;
  readonly devices?: boolean;
  readonly pairs: number;
  readonly sitesPower: number;
  readonly toggles: number;
  readonly idleHours: number;
  readonly loss: number;
  readonly jitter: number;
  readonly missingLinks: number;
  readonly seed: number;
}

/** Waits while whoever reads us is slower than we are: nothing piles up. */
async function writeLine(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
}

function sentence(result: FailureResult): string | null {
  const isWrong = result.causes.some(({ right }) => !right) || result.falseIncidents.length > 0;
  const isMiscounted = result.sites.missed.length + result.sites.wrong.length > 0;
  if (!isWrong && !isMiscounted && result.messages === result.messagesExpected) return null;
  const named = result.incidents.map(({ cause }) => `${cause.reason} ${cause.kind} ${cause.name}`).join(', ');
  const broken = result.broken.map(({ name }) => name);
  const shown =
    broken.length > 3 ? `${broken.slice(0, 3).join(', ')} and ${broken.length - 3} more` : broken.join(', ');
  return (
    `${result.failure} ${shown}: ${named === '' ? 'nothing named' : `named ${named}`}; ` +
    `${result.messages} messages of ${result.messagesExpected}, ${result.sites.counted} sites of ${result.sites.hurt}`
  );
}

function closing(summary: Summary): string {
  const time = summary.messageAfterS;
  return [
    `${summary.failures} failures: ${summary.right} of ${summary.causes} causes right ` +
      `(${summary.decidableRight} of ${summary.decidable} that evidence can decide), ` +
      `one message each in ${summary.oneMessageEach}, sites counted right in ${summary.sitesRight}, ` +
      `${summary.falseIncidents} false incidents, ${summary.falseDevices} devices falsely dark.`,
    time === null ? '' : `Message after ${time.p50} s (p50), ${time.p99} s (p99); took ${summary.tookS} s.`,
  ].join('\n');
}

async function simulateFailures(options: FailureOptions): Promise<void> {
  const { topology, risks } = readDocumentTopology(readText(options.inventory));
  const simulation = new Simulation({
    topology,
    risks,
    plan: {
      links: options.links === true,
      devices: options.devices === true,
      pairs: options.pairs,
      sitesPower: options.sitesPower,
      toggles: options.toggles,
      idleHours: options.idleHours,
    },
    lossPercent: options.loss,
    jitterMs: options.jitter,
    missingLinksPercent: options.missingLinks,
    seed: options.seed,
    makeBoard: ({ topology: known, clock, timers, probeSoon }) =>
      new StatusBoard({
        topology: { current: () => known, onChange: () => () => undefined },
        clock,
        timers,
        logger: pino({ level: 'error' }, pino.destination({ dest: 2, sync: true })),
        probeSoon,
        restore: async () => new Map(),
      }),
  });
  if (simulation.failures.length === 0) {
    throw new ArungError(
      'invalid',
      'Nothing is to be broken: say what with --links, --devices, --pairs, --sites-power, --toggles or --idle-hours.',
    );
  }
  const progress = new ProgressLine({ quiet: options.json === true && !process.stderr.isTTY });
  const count = new SummaryCount();
  const began = systemClock.monotonic();
  for await (const result of simulation.run()) {
    count.add(result);
    progress.say(`${result.number} of ${simulation.failures.length} failures`);
    if (options.json === true) await writeLine(JSON.stringify(result));
    else {
      const wrong = sentence(result);
      if (wrong !== null) await writeLine(wrong);
    }
  }
  const summary = count.summary({
    seed: options.seed,
    devices: topology.devices.size,
    links: topology.links.size,
    tookS: (systemClock.monotonic() - began) / 1000,
  });
  await writeLine(options.json === true ? JSON.stringify(summary) : closing(summary));
}

export const simulateCommand: CommandFile = (program) => {
  const simulate = program.command('simulate').description('try in virtual time what would be told of failures');
  simulate
    .command('failures')
    .description('break things in a simulated network and say which cause would be named, and who would be told')
    .requiredOption('--inventory <file>', 'the network, as `arung inventory export` prints it')
    .option('--links', 'cut each link, one at a time')
    .option('--devices', 'kill each router and gateway, one at a time (each device where there is none)')
    .option('--pairs <n>', 'so many random pairs of links and devices', within(0, 1_000_000, true), 0)
    .option(
      '--sites-power <n>',
      'so many power cuts of feeders and of neighbouring sites',
      within(0, 1_000_000, true),
      0,
    )
    .option('--toggles <n>', 'so many random links that toggle every 30 s for an hour', within(0, 1_000_000, true), 0)
    .option('--idle-hours <n>', 'so many hours in which nothing breaks', within(0, 10_000, true), 0)
    .option('--loss <percent>', 'packets lost in each direction', within(0, 100, false), 0)
    .option('--jitter <ms>', 'a round trip takes up to so much longer', within(0, 10_000, false), 0)
    .option('--missing-links <percent>', 'links that exist but are not in the inventory', within(0, 100, false), 0)
    .option('--seed <n>', 'the same seed gives the same failures', within(0, 2 ** 32 - 1, true), 1)
    .option('--json', 'print one JSON object a failure, then a summary, one a line')
    .action(action(simulateFailures));
};
