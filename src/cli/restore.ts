import { resolve } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { writeBackup } from '../backup/backup.ts';
import { checkBackup, restoreBackup, type RestoreProgress } from '../backup/restore.ts';
import { systemClock } from '../domain/clock.ts';
import { keyFileExists, readKeyFile } from '../vault/key-file.ts';
import { action, type CommandFile } from './command.ts';
import { commandConfig, commandLogger } from './context.ts';
import { print, type OutputOptions } from './output.ts';
import { megabytes, ProgressLine } from './progress.ts';

/** Whether the key on this machine opens the secrets of a backup; null when it holds none that need one. */
function keyFits(keyFile: string, keyId: string | null): boolean | null {
  if (keyId === null) return null;
  return keyFileExists(keyFile) && readKeyFile(keyFile).id === keyId;
}

function keySentence(keyFile: string, keyId: string | null): string {
  const fits = keyFits(keyFile, keyId);
  if (fits === null) return 'It holds no secrets that need a key.';
  if (fits) return `The key in ${keyFile} opens its secrets.`;
  return `Its secrets were sealed with the key ${keyId}, which is not in ${keyFile}: put that key file there before you start the controller.`;
}

export const restoreCommand: CommandFile = (program) => {
  program
    .command('restore <file>')
    .description('put a backup in the place of what is there, whole or not at all; the controller must not run')
    .option('--check', 'only check the file: every sum, and whether this release can read it')
    .option('--replace', 'also where there is data; that is kept aside')
    .option('--json', 'print JSON')
    .action(
      action(async (given: string, options: OutputOptions & { check?: boolean; replace?: boolean }) => {
        const { dataDir, databaseUrl, keyFile } = commandConfig();
        const file = resolve(given);
        const line = new ProgressLine({ quiet: options.json === true });
        const progress = ({ step, done, total }: RestoreProgress): void =>
          line.say(`${step === 'verify' ? 'checking' : 'restoring'}: ${megabytes(done)} of ${megabytes(total)}`);
        if (options.check === true) {
          const found = await checkBackup(file, progress);
          const { madeAt, arung: release, keyId, database } = found;
          const value = {
            file,
            madeAt,
            release,
            keyId,
            keyFits: keyFits(keyFile, keyId),
            migrations: database.migrations,
          };
          print(
            options,
            value,
            () => `${file} is whole: made ${madeAt} by Arung ${release}. ${keySentence(keyFile, keyId)}`,
          );
          return;
        }
        const done = await restoreBackup({
          file,
          dataDir,
          databaseUrl,
          replace: options.replace === true,
          clock: systemClock,
          logger: commandLogger(),
          saveDatabase: async (target) => {
            await writeBackup({
              file: target,
              url: databaseUrl ?? '',
              dataDir,
              release: packageJson.version,
              clock: systemClock,
              metrics: () => Promise.resolve(null),
              waitingPoints: false,
              settings: '',
            });
          },
          progress,
        });
        print(options, { ...done, keyFits: keyFits(keyFile, done.keyId) }, () =>
          [
            `Restored ${done.rows} rows of ${done.tables} tables${done.metrics ? ' and the metrics' : ''}, as of ${done.madeAt}.`,
            ...(done.aside.length === 0
              ? []
              : [`What was there before is kept in ${done.aside.join(' and ')}; remove it when you are sure.`]),
            keySentence(keyFile, done.keyId),
            `The settings it was made with are in ${done.settings}. Start the controller with \`./arung serve\`.`,
          ].join('\n'),
        );
      }),
    );
};
