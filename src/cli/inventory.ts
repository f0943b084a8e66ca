import { readFileSync } from 'node:fs';
import { systemAccess } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import { nearest } from '../inventory/import/problems.ts';
import { listNames, type ListName } from '../inventory/import/lists.ts';
import type { ImportResult, ImportSource } from '../inventory/import/importer.ts';
import { action, type CommandFile } from './command.ts';
import { onState } from './context.ts';
import { print, type OutputOptions } from './output.ts';

const access = systemAccess('command line');

function sourceOf(file: string, list: string | undefined): ImportSource {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ArungError('invalid', `Cannot read ${file} (${(cause as NodeJS.ErrnoException).code}): check the path.`, {
      cause,
    });
  }
  if (!file.toLowerCase().endsWith('.csv')) return { format: 'json', text };
  return { format: 'csv', text, list: listOf(list) };
}

function listOf(name: string | undefined): ListName {
  const known = listNames.find((one) => one === name);
  if (known !== undefined) return known;
  const all = listNames.join(', ');
  if (name === undefined)
    throw new ArungError('invalid', `A CSV holds one list: say which with --list, one of ${all}.`);
  const meant = nearest(name, listNames);
  const hint = meant === null ? `give one of ${all}.` : `did you mean ${meant}? Lists are ${all}.`;
  throw new ArungError('invalid', `--list ${name} is not a list: ${hint}`);
}

function sentence(result: ImportResult): string {
  const verb = result.dryRun ? 'would be' : 'were';
  return `${result.created} ${verb} created, ${result.changed} changed, ${result.unchanged} are as they were.`;
}

export const inventoryCommand: CommandFile = (program) => {
  const inventory = program.command('inventory').description('sites, devices and links as files');
  inventory
    .command('import <file>')
    .description('import a JSON document or a CSV of one list: all of it or nothing')
    .option('--list <list>', `what a CSV holds: ${listNames.join(', ')}`)
    .option('--dry-run', 'say what would change and what is wrong; write nothing')
    .option('--reason <text>', 'why, for the audit log')
    .option('--json', 'print JSON')
    .action(
      action(async (file: string, options: OutputOptions & { list?: string; dryRun?: boolean; reason?: string }) => {
        const source = sourceOf(file, options.list);
        const result = await onState(
          ({ inventory: { importer } }) =>
            options.dryRun === true
              ? importer.plan(access, source)
              : importer.apply(access, source, { reason: options.reason }),
          { begins: options.dryRun !== true },
        );
        if (result.errorCount > 0) {
          // what a program reads is whole on stdout, the reason on stderr either way
          if (options.json === true) print(options, result, () => '');
          throw new ArungError('invalid', `${result.errorCount} errors; nothing was imported.`, {
            code: 'import.invalid',
            details: result.errors,
          });
        }
        print(options, result, () => sentence(result));
      }),
    );
  inventory
    .command('export')
    .description('print the inventory as a JSON document (no secrets), or one list as CSV')
    .option('--list <list>', `one list as CSV: ${listNames.join(', ')}`)
    .option('--json', 'print JSON also with --list (the default without)')
    .action(
      action(async (options: OutputOptions & { list?: string }) => {
        const list = options.list === undefined ? null : listOf(options.list);
        const asCsv = list !== null && options.json !== true;
        const text = await onState(({ inventory: state }) =>
          asCsv ? state.exporter.csv(access, list) : state.exporter.json(access),
        );
        if (list === null || asCsv) process.stdout.write(text.endsWith('\n') ? text : text + '\n');
        else {
          const { format, [list]: items } = JSON.parse(text) as Record<string, unknown>;
          print({ json: true }, { format, [list]: items }, () => '');
        }
      }),
    );
};
