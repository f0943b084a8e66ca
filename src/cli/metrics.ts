import { join } from 'node:path';
import { Option } from 'commander';
import { systemClock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { metricStoreChoice } from '../metric-store.ts';
import { copyMetrics, type CopyProgress } from '../metrics/copy.ts';
import { InfluxStore } from '../metrics/influx/store.ts';
import { openMetricStore, type MetricStoreKind } from '../metrics/open-store.ts';
import { action, type CommandFile } from './command.ts';
import { commandConfig, commandLogger } from './context.ts';
import { print, type OutputOptions } from './output.ts';

const kinds = ['embedded', 'influx1', 'influx2'] as const;
const sayEveryMs = 2_000;

interface CopyOptions extends OutputOptions {
  readonly from: MetricStoreKind;
  readonly to: MetricStoreKind;
  readonly fromTime?: string;
}

export const metricsCommand: CommandFile = (program) => {
  const command = program.command('metrics').description('what was measured: copy it from one store to another');
  command
    .command('copy')
    .description('copy history; addresses and tokens are those of the settings. What was stopped goes on where it was')
    .addOption(new Option('--from <store>', 'where it is').choices(kinds).makeOptionMandatory())
    .addOption(new Option('--to <store>', 'where it goes').choices(kinds).makeOptionMandatory())
    .option('--from-time <time>', 'ISO 8601: leave out what is older')
    .option('--json', 'print JSON')
    .action(action((options: CopyOptions) => copy(options)));
};

async function copy(options: CopyOptions): Promise<void> {
  if (options.from === options.to) {
    throw new ArungError('invalid', 'Give two different stores in --from and --to.', { code: 'metrics.same-store' });
  }
  const config = commandConfig();
  const fromTime = options.fromTime === undefined ? 0 : Date.parse(options.fromTime) / 1_000;
  if (!Number.isFinite(fromTime)) {
    throw new ArungError('invalid', '--from-time is written as ISO 8601, such as 2026-11-24T08:00:00+08:00.', {
      code: 'metrics.wrong-time',
    });
  }
  const folder = join(config.dataDir, 'metrics');
  const open = (kind: MetricStoreKind) => {
    const choice = metricStoreChoice(config, kind);
    // A controller may run on the same store: its notes are its own.
    const own =
      choice.kind === 'embedded' ? choice : { ...choice, statePath: join(folder, `copy-${kind}-roll-ups.json`) };
    return openMetricStore(own, commandLogger());
  };
  const from = open(options.from);
  const to = open(options.to);
  await from.start();
  try {
    await to.start();
    try {
      const done = await copyMetrics({
        from,
        to,
        fromTime,
        toTime: systemClock.now() / 1_000,
        notePath: join(folder, `copy-${options.from}-${options.to}.json`),
        onProgress: options.json === true ? () => undefined : sayer(),
      });
      if (to instanceof InfluxStore) await to.reconcile();
      print(options, done, () => `Copied ${done.rows} rows from ${options.from} to ${options.to}.`);
    } finally {
      await to.stop();
    }
  } finally {
    await from.stop();
  }
}

/** Progress on stderr, now and then. */
function sayer(): (progress: CopyProgress) => void {
  let last = -Infinity;
  return ({ resolution, measurement, until, rows }) => {
    const now = systemClock.monotonic();
    if (now - last < sayEveryMs) return;
    last = now;
    process.stderr.write(`${resolution} ${measurement} until ${new Date(until * 1_000).toISOString()}: ${rows} rows\n`);
  };
}
