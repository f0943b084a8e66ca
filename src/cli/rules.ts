import { Option } from 'commander';
import { RuleBook } from '../alerting/rules/rule-book.ts';
import type { KnownRule } from '../alerting/rules/rule-rows.ts';
import { readRuleFile, writeRuleFile, wrongFile } from '../alerting/rules/rule-file.ts';
import { systemAccess } from '../domain/access.ts';
import type { AlertRule } from '../domain/alert-rule.ts';
import { action, type CommandFile } from './command.ts';
import { commandLogger, onState } from './context.ts';
import { readText } from './given.ts';
import { print, table, type OutputOptions } from './output.ts';
import { previewOnPast, type PreviewedRule } from './rule-preview.ts';

const access = systemAccess('command line');

function onBook<T>(work: (book: RuleBook) => Promise<T>): Promise<T> {
  return onState(({ database, inventory }) =>
    work(new RuleBook({ db: database.db, changes: inventory.changes, logger: commandLogger() })),
  );
}

function rulesOf(file: string): readonly AlertRule[] {
  const { rules, errors } = readRuleFile(readText(file));
  if (errors.length === 0) return rules;
  throw wrongFile(
    errors.map((error) => ({ ...error, message: `${file}:${error.line ?? 1}:${error.column ?? 1}: ${error.message}` })),
  );
}

/** A row as a person reads it: what it looks at, and when. */
function rowOf({ rule, origin, managedBy }: KnownRule): readonly string[] {
  const { measurement, field, kind } = rule.condition;
  const who = origin === 'built-in' || managedBy === 'console' ? origin : `${origin}, ${managedBy}`;
  return [rule.key, rule.isEnabled ? rule.severity : 'off', `${rule.forS} s`, `${kind} ${measurement}.${field}`, who];
}

export const rulesCommand: CommandFile = (program) => {
  const rules = program.command('rules').description('when an alert begins to hold: rules, also as files');

  rules
    .command('list')
    .description('list all rules, also the built-in ones')
    .option('--json', 'print JSON')
    .action(
      action(async (options: OutputOptions) => {
        const items = await onBook((book) => book.list(access));
        print(options, { items, next: null }, () =>
          table(['KEY', 'SEVERITY', 'FOR', 'LOOKS AT', 'ORIGIN'], items.map(rowOf)),
        );
      }),
    );

  rules
    .command('show <key>')
    .description('print one rule, as YAML or JSON')
    .option('--json', 'print JSON')
    .action(
      action(async (key: string, options: OutputOptions) => {
        const known = await onBook((book) => book.get(access, key));
        print(options, known, () => writeRuleFile([known.rule], 'yaml'));
      }),
    );

  rules
    .command('export')
    .description('print the rules as a file that `import` and ARUNG_RULES_FILE take')
    .addOption(new Option('--format <format>', 'json or yaml').choices(['json', 'yaml']).default('yaml'))
    .option('--written', 'leave out what is built in and unchanged')
    .option('--json', 'the same as --format json')
    .action(
      action(async (options: OutputOptions & { format: 'json' | 'yaml'; written?: boolean }) => {
        const all = await onBook((book) => book.list(access));
        const chosen = all.filter(({ origin }) => options.written !== true || origin !== 'built-in');
        process.stdout.write(
          writeRuleFile(
            chosen.map(({ rule }) => rule),
            options.json === true ? 'json' : options.format,
          ),
        );
      }),
    );

  rules
    .command('import <file>')
    .description('take the rules of a JSON or YAML file (- for stdin): all of them or none')
    .option('--dry-run', 'say what would change; write nothing')
    .option('--reason <text>', 'why, for the audit log')
    .option('--json', 'print JSON')
    .action(
      action(async (file: string, options: OutputOptions & { dryRun?: boolean; reason?: string }) => {
        const given = rulesOf(file);
        const { dryRun = false, reason } = options;
        const done = await onBook((book) => book.import(access, given, { dryRun, reason }));
        const verb = dryRun ? 'would be' : 'were';
        print(options, done, () => {
          const named = [...done.created.map((key) => `+ ${key}`), ...done.changed.map((key) => `~ ${key}`)];
          const counted = `${done.created.length} ${verb} created, ${done.changed.length} changed, ${done.unchanged} are as they were.`;
          return [...named, counted].join('\n');
        });
      }),
    );

  rules
    .command('preview <file>')
    .description('what the rules of a file (- for stdin) would have fired on in the last 7 days; nothing is kept')
    .option('--json', 'print JSON')
    .action(
      action(async (file: string, options: OutputOptions) => {
        const items = await previewOnPast(rulesOf(file));
        print(options, { items, next: null }, () => items.map(sentence).join('\n'));
      }),
    );
};

function sentence({ rule, preview }: PreviewedRule): string {
  const { count, planned, series, seriesRead, stepS, firings } = preview;
  const part = seriesRead < series ? ` (of which ${seriesRead} were read in the time there is)` : '';
  const rows = firings.map(({ subject, from, to, planned: is }) => [
    from,
    to ?? 'still',
    subject.name,
    is ? 'planned work' : '',
  ]);
  const told = planned === 0 ? '' : ` (${planned} in planned work)`;
  const head = `${rule.key}: ${count} firings${told} in 7 days, ${series} series${part}, one reading in ${stepS} s.`;
  return count === 0 ? head + '\n' : `${head}\n${table(['FROM', 'TO', 'WHAT', ''], rows)}`;
}
