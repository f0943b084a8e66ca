import { Users } from '../auth/users.ts';
import { roles, systemAccess, type Role } from '../domain/access.ts';
import { action, type CommandFile } from './command.ts';
import { onState } from './context.ts';
import { print, table, type OutputOptions } from './output.ts';
import { roleOf } from './role-option.ts';

const access = systemAccess('command line');

export const userCommand: CommandFile = (program) => {
  const user = program.command('user').description('people who sign in');
  user
    .command('list')
    .description('list users with their roles')
    .option('--json', 'print JSON')
    .action(
      action(async (options: OutputOptions) => {
        const items = await onState(({ database, audit }) => new Users({ db: database.db, audit }).list(access));
        print(options, { items, next: null }, () =>
          table(
            ['NAME', 'ROLES', 'STATE', 'LAST SIGN-IN'],
            items.map((one) => [
              one.name,
              one.grants.map((grant) => `${grant.role} ${grant.regionCode ?? 'everywhere'}`).join(', '),
              one.disabled ? 'disabled' : 'active',
              one.lastSignInAt?.toISOString() ?? 'never',
            ]),
          ),
        );
      }),
    );
  user
    .command('create <name>')
    .description('make a user with a one-time password, which is printed')
    .requiredOption('--role <role>', roles.join(', '), roleOf)
    .option('--region <code>', 'limit the role to a region and all below it')
    .option('--json', 'print JSON')
    .action(
      action(async (name: string, options: OutputOptions & { role: Role; region?: string }) => {
        const made = await onState(({ database, audit }) =>
          new Users({ db: database.db, audit }).create(access, {
            name,
            grants: [{ role: options.role, regionCode: options.region ?? null }],
          }),
        );
        print(options, made, () => `User ${made.user.name}, one-time password: ${made.oneTimePassword ?? ''}`);
      }),
    );
  user
    .command('reset <name>')
    .description(
      'give a user a new one-time password, end their sessions, lift what holds them, take away a second factor',
    )
    .option('--json', 'print JSON')
    .action(
      action(async (name: string, options: OutputOptions) => {
        const password = await onState(({ database, audit }) =>
          new Users({ db: database.db, audit }).resetByName(name),
        );
        print(options, { name, oneTimePassword: password }, () => `One-time password of ${name}: ${password}`);
      }),
    );
};
