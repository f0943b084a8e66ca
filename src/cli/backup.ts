import { join, resolve } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { writeBackup, type BackupRequest, type BackupResult } from '../backup/backup.ts';
import { askForMetricsCopy, metricsCopyPath } from '../backup/copy-desk.ts';
import { copyMetricsFile } from '../backup/metrics-copy.ts';
import { readConfig, settingsAsToml, type Config } from '../config.ts';
import { EmbeddedPostgres } from '../database/embedded-postgres.ts';
import { lockFolder } from '../database/folder-lock.ts';
import { systemClock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { readControllerNote } from '../state.ts';
import { action, type CommandFile } from './command.ts';
import { commandLogger, isUnused } from './context.ts';
import { print, type OutputOptions } from './output.ts';
import { megabytes, ProgressLine } from './progress.ts';

/** Whether a controller has the data folder, and the database as it is now: joined, or started for as long as this takes. */
interface OpenState {
  readonly url: string;
  readonly controllerRuns: boolean;
  stop(): Promise<void>;
}

/** The lock tells, and not the note: a controller that was killed leaves its note behind. */
function isLocked(dataDir: string): boolean {
  try {
    lockFolder(dataDir).release();
    return false;
  } catch (error) {
    if (error instanceof ArungError && error.code === 'database.in-use') return true;
    throw error;
  }
}

async function openState(config: Config): Promise<OpenState> {
  const { dataDir, databaseUrl } = config;
  if (databaseUrl !== null) {
    return { url: databaseUrl, controllerRuns: isLocked(dataDir), stop: () => Promise.resolve() };
  }
  if (isUnused(config)) {
    throw new ArungError(
      'conflict',
      `There is nothing to back up in ${dataDir}: no controller has kept anything there. Name the right folder with ARUNG_DATA_DIR.`,
      { code: 'backup.empty' },
    );
  }
  const postgres = new EmbeddedPostgres({ dataDir, logger: commandLogger() });
  try {
    await postgres.start();
    return { url: postgres.url, controllerRuns: false, stop: () => postgres.stop() };
  } catch (error) {
    const note = readControllerNote(dataDir);
    const inUse = error instanceof ArungError && error.code === 'database.in-use';
    if (!inUse || note === null || note.databaseUrl === null) throw error;
    return { url: note.databaseUrl, controllerRuns: true, stop: () => Promise.resolve() };
  }
}

function metricsOf(dataDir: string, controllerRuns: boolean): BackupRequest['metrics'] {
  const copy = metricsCopyPath(dataDir);
  return async () => {
    const copied = controllerRuns
      ? await askForMetricsCopy(dataDir)
      : await copyMetricsFile(join(dataDir, 'metrics.sqlite'), copy);
    return copied ? copy : null;
  };
}

function waitingSentence({ included, bytes }: BackupResult['waiting']): string[] {
  if (bytes === 0) return [];
  return included
    ? [`Points that wait for InfluxDB are in it (${megabytes(bytes)}); those that InfluxDB has are not.`]
    : [`Points that wait for InfluxDB are not in it (${megabytes(bytes)}).`];
}

export const backupCommand: CommandFile = (program) => {
  program
    .command('backup <file>')
    .description(
      'write state, history, metrics and settings into one file, also while the controller runs; never the key',
    )
    .option('--without-metrics', 'leave out the metric store, and points that wait for one')
    .option('--json', 'print JSON')
    .action(
      action(async (file: string, options: OutputOptions & { withoutMetrics?: boolean }) => {
        const { config, report } = readConfig({ env: process.env });
        const state = await openState(config);
        const progress = new ProgressLine({ quiet: options.json === true });
        try {
          const lock = lockFolder(config.dataDir, 'backup');
          try {
            const done = await writeBackup({
              file: resolve(file),
              url: state.url,
              dataDir: config.dataDir,
              release: packageJson.version,
              clock: systemClock,
              metrics:
                options.withoutMetrics === true
                  ? () => Promise.resolve(null)
                  : metricsOf(config.dataDir, state.controllerRuns),
              waitingPoints: options.withoutMetrics !== true,
              settings: settingsAsToml(report),
              progress: ({ part, bytes }) => progress.say(`${part}: ${megabytes(bytes)} so far`),
            });
            print(options, { ...done, keyFile: config.keyFile }, () =>
              [
                `${done.file}: ${megabytes(done.bytes)}, ${done.rows} rows of ${done.tables} tables${done.metrics ? ' and the metrics' : ', without metrics'}.`,
                ...waitingSentence(done.waiting),
                `The key is not in it: keep a copy of ${config.keyFile} apart; without it, passwords of devices must be entered again.`,
              ].join('\n'),
            );
          } finally {
            lock.release();
          }
        } finally {
          await state.stop();
        }
      }),
    );
};
