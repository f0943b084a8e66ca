import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemCodes, programOf } from './problem-codes.ts';

const source = `
  interface ErrorDetail { readonly message: string; readonly code?: string; readonly arguments?: Record<string, string | number> }
  interface Options { code?: string; arguments?: Record<string, string | number>; details?: readonly ErrorDetail[] }
  class ArungError extends Error {
    constructor(kind: string, message: string, options: Options = {}) { super(message); void kind; void options; }
  }

  export const plain = () => new ArungError('invalid', 'x', { code: 'site.plain', arguments: { name: 'a', n: 1 } });
  export const bare = () => new ArungError('not-found', 'x');
  export const fault = () => new ArungError('internal', 'x', { code: 'never.told' });
  export const either = (far: boolean) => new ArungError('invalid', 'x', { code: far ? 'site.far' : 'site.near' });

  function refused(code: string, limit: number) {
    return new ArungError('invalid', 'x', { code: \`helped.\${code}\`, arguments: { limit } });
  }
  export const long = () => refused('long', 3);

  function add(problem: { code: string; arguments?: Record<string, string> }): ErrorDetail {
    return { message: 'x', code: \`import.\${problem.code}\`, arguments: { line: 1, ...problem.arguments } };
  }
  const tell = (code: string, args: Record<string, string>) => add({ code, arguments: args });
  export const told = () => tell('two-steps', { value: 'v' });
  export const maybe = (by: string | null) => add({ code: 'maybe', arguments: { ...(by !== null && { by }) } });

  const kinds = { a: 'kind.a', b: 'kind.b' } as const;
  export const looked = (kind: 'a' | 'b') => new ArungError('invalid', 'x', { code: kinds[kind] });
  export const handedOn = (error: ErrorDetail): ErrorDetail => ({ message: error.message, code: error.code ?? 'handed.on' });
  export const unknown = (error: NodeJS.ErrnoException) => new ArungError('invalid', 'x', { code: String(error.errno) });
`;

describe('the codes of problems, read from the source', () => {
  const folder = mkdtempSync(join(tmpdir(), 'arung-codes-'));
  let found: ReturnType<typeof problemCodes>;
  const argumentsOf = (key: string) => {
    const one = found.spoken.find((each) => each.key === key);
    return one && [...(one.arguments ?? [])].sort();
  };

  beforeAll(() => {
    writeFileSync(join(folder, 'source.ts'), source);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      '{"compilerOptions":{"strict":true,"target":"ES2024"},"include":["."]}',
    );
    const { program, files } = programOf(folder, () => true);
    found = problemCodes(program, files);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('come with the names of their arguments', () => {
    expect(argumentsOf('error.site.plain')).toEqual(['n', 'name']);
  });

  it('are the kind where an error has none, and none for our own faults', () => {
    expect(argumentsOf('error.not-found')).toEqual([]);
    expect(argumentsOf('error.never.told')).toBeUndefined();
  });

  it('are all that an expression or a type allows', () => {
    for (const key of ['site.far', 'site.near', 'kind.a', 'kind.b']) expect(argumentsOf(`error.${key}`)).toEqual([]);
  });

  it('are followed through helpers that take a code', () => {
    expect(argumentsOf('error.helped.long')).toEqual(['limit']);
    expect(argumentsOf('error.import.two-steps')).toEqual(['line', 'value']);
  });

  it('do not count on an argument that is there only at times', () => {
    expect(argumentsOf('error.import.maybe')).toEqual(['line']);
  });

  it('are reported with their place where nobody can know them', () => {
    const lines = source.split('\n');
    expect(found.unknown.map((at) => lines[Number(at.split(':').at(-1)) - 1])).toEqual([
      expect.stringContaining('const handedOn'),
      expect.stringContaining('const unknown'),
    ]);
  });
});
