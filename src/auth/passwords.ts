import { randomInt } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { ArungError } from '../domain/errors.ts';

/** Argon2id with the parameters that OWASP names first (19 MiB, 2 passes); about 20 ms on a small machine. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Sign-ins that are hashed side by side: more would only take memory and the processor from polling. */
const atOnce = 2;
export const shortestPassword = 10;
export const longestPassword = 256;

let running = 0;
const waiting: (() => void)[] = [];

export function hashPassword(password: string): Promise<string> {
  return oneOfFew(() => hash(password.normalize('NFKC'), parameters));
}

/** Takes the same time for a name that does not exist (`null`), so that time does not tell names. */
export async function passwordFits(password: string, stored: string | null): Promise<boolean> {
  const against = stored ?? (await decoy());
  const fits = await oneOfFew(() => verify(against, password.normalize('NFKC')).catch(() => false));
  return fits && stored !== null;
}

/** For people to type once: four groups of letters and digits that are not mistaken for each other (95 bits). */
export function oneTimePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const group = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');
  return Array.from({ length: 4 }, group).join('-');
}

export function checkNewPassword(password: string, name: string): void {
  const code =
    password.length < shortestPassword ? 'password.short' : password.length > longestPassword ? 'password.long' : null;
  if (code === 'password.short') {
    throw refused(code, `The password is too short: take ${shortestPassword} characters or more.`, shortestPassword);
  }
  if (code === 'password.long') {
    throw refused(code, `The password is too long: take ${longestPassword} characters or fewer.`, longestPassword);
  }
  if (password.toLowerCase().includes(name.toLowerCase()) || new Set(password).size < 4) {
    throw refused(
      'password.weak',
      'The password is easily guessed: take one that is not the name nor one sign repeated.',
      0,
    );
  }
}

function refused(code: string, message: string, limit: number): ArungError {
  return new ArungError('invalid', message, {
    code,
    arguments: { characters: limit },
    details: [{ message, code, field: 'password', arguments: { characters: limit } }],
  });
}

let decoyHash: Promise<string> | null = null;
function decoy(): Promise<string> {
  decoyHash ??= hashPassword(oneTimePassword());
  return decoyHash;
}

async function oneOfFew<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
