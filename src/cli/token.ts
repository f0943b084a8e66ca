import { InvalidArgumentError } from 'commander';
import { ApiTokens } from '../auth/api-tokens.ts';
import { roles, systemAccess, type Role } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import { action, type CommandFile } from './command.ts';
import { onState } from './context.ts';
import { print, table, type OutputOptions } from './output.ts';
import { roleOf } from './role-option.ts';

function dateOf(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('give a date such as 2027-01-31');
  return date;
}

const access = systemAccess('command line');

interface CreateOptions extends OutputOptions {
  readonly name: string;
  readonly role: Role;
  readonly region?: string;
  readonly expires?: Date;
  readonly replace?: boolean;
}

export const tokenCommand: CommandFile = (program) => {
  const token = program.command('token').description('tokens by which programs use the API');
  token
    .command('create')
    .description('make a token and print it, alone; it is not shown again')
    .requiredOption('--name <name>', 'what it is for; unique')
    .requiredOption('--role <role>', roles.join(', '), roleOf)
    .option('--region <code>', 'limit it to a region and all below it, such as 73.08.02')
    .option('--expires <date>', 'when it ends', dateOf)
    .option('--replace', 'end the token of this name, where there is one')
    .option('--json', 'print JSON')
    .action(
      action(async (options: CreateOptions) => {
        const made = await onState(({ database, audit }) =>
          new ApiTokens({ db: database.db, audit }).create(access, {
            name: options.name,
            role: options.role,
            regionCode: options.region ?? null,
            expiresAt: options.expires ?? null,
            replaces: options.replace ?? false,
          }),
        ).catch((error: unknown) => {
          if (!(error instanceof ArungError) || error.code !== 'token.name-taken') throw error;
          const hint = `There is a token ${options.name} already: \`--replace\` ends it and makes a new one, or take another name.`;
          throw new ArungError('conflict', hint, { code: error.code, cause: error });
        });
        print(options, { ...made.apiToken, token: made.token }, () => made.token);
      }),
    );
  token
    .command('list')
    .description('list the tokens; never what they are')
    .option('--json', 'print JSON')
    .action(
      action(async (options: OutputOptions) => {
        const items = await onState(({ database, audit }) => new ApiTokens({ db: database.db, audit }).list(access));
        print(options, { items, next: null }, () =>
          table(
            ['NAME', 'ROLE', 'REGION', 'EXPIRES', 'LAST USED'],
            items.map((one) => [
              one.name,
              one.role,
              one.regionCode ?? 'everywhere',
              one.expiresAt?.toISOString() ?? 'never',
              one.lastUsedAt?.toISOString() ?? 'never',
            ]),
          ),
        );
      }),
    );
  token
    .command('revoke <name>')
    .description('end a token at once')
    .option('--json', 'print JSON')
    .action(
      action(async (name: string, options: OutputOptions) => {
        await onState(async ({ database, audit }) => {
          const tokens = new ApiTokens({ db: database.db, audit });
          const found = (await tokens.list(access)).find((one) => one.name === name);
          if (found === undefined) {
            throw new ArungError('not-found', `There is no token ${name}: \`arung token list\` names them.`);
          }
          await tokens.revoke(access, found.id);
        });
        print(options, { revoked: name }, () => `Token ${name} is revoked.`);
      }),
    );
};
