import { InvalidArgumentError } from 'commander';
import { roles, type Role } from '../domain/access.ts';

/** Reads the value of `--role`; refuses what is none, naming those there are. */
export function roleOf(text: string): Role {
  const role = roles.find((one) => one === text);
  if (role === undefined) throw new InvalidArgumentError(`give one of: ${roles.join(', ')}`);
  return role;
}
