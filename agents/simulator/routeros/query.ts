import type { Trap } from './trap.ts';
import { trap } from './trap.ts';

type Row = Readonly<Record<string, string>>;

/**
 * Query words of `print` (help.mikrotik.com, "API", queries): `?name`, `?-name`, `?name=value`, `?<name=value`,
 * `?>name=value`, and `?#` with operations on the stack. What stands on the stack at the end must all hold. Throws a Trap.
 */
export function matches(row: Row, words: readonly string[]): boolean {
  const stack: boolean[] = [];
  for (const word of words) {
    const body = word.slice(1);
    if (body.startsWith('#')) operate(stack, body.slice(1));
    else stack.push(holds(row, body));
  }
  return stack.every(Boolean);
}

function holds(row: Row, body: string): boolean {
  const first = body[0] ?? '';
  const text = '-=<>'.includes(first) ? body.slice(1) : body;
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  const value = equals === -1 ? null : text.slice(equals + 1);
  const has = row[name];
  if (first === '-') return has === undefined;
  if (value === null) return has !== undefined;
  if (has === undefined) return false;
  if (first === '<') return less(has, value);
  if (first === '>') return less(value, has);
  return has === value;
}

function less(a: string, b: string): boolean {
  const [x, y] = [Number(a), Number(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? a < b : x < y;
}

function operate(stack: boolean[], operations: string): void {
  for (let at = 0; at < operations.length; at += 1) {
    const digits = /^\d+/.exec(operations.slice(at))?.[0];
    if (digits !== undefined) {
      // A number copies what stands at that place, the lowest being 0; a dot after it only ends it.
      const copied = stack[Number(digits)];
      if (copied === undefined) throw bad();
      stack.push(copied);
      at += digits.length - 1;
      continue;
    }
    const top = stack.pop();
    if (top === undefined) throw bad();
    const operation = operations[at];
    if (operation === '!') stack.push(!top);
    else if (operation === '.') stack.push(top, top);
    else if (operation === '&' || operation === '|') {
      const under = stack.pop();
      if (under === undefined) throw bad();
      stack.push(operation === '&' ? under && top : under || top);
    } else throw bad();
  }
}

function bad(): Trap {
  return trap('bad query');
}
