import { describe, expect, it } from 'vitest';
import { ArungError } from '../domain/errors.ts';
import { problemOf } from './problem.ts';

const database = (code: string) => Object.assign(new Error('secret details'), { code, severity: 'ERROR' });

describe('problemOf', () => {
  it.each([
    [new ArungError('not-found', 'There is no site x.', { code: 'site.unknown' }), 404, 'site.unknown'],
    [new ArungError('internal', 'planted'), 500, 'internal'],
    [database('53100'), 503, 'database.disk-full'],
    [database('57P03'), 503, 'database.unreachable'],
    [database('40P01'), 409, 'request.raced'],
    [database('22P02'), 400, 'request.bad-value'],
    [database('42601'), 500, 'internal'],
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 503, 'database.unreachable'],
    [
      Object.assign(new Error('connect /x/.s.PGSQL'), { code: 'ENOENT', syscall: 'connect' }),
      503,
      'database.unreachable',
    ],
    [Object.assign(new Error('open /x/y'), { code: 'ENOENT', syscall: 'open' }), 500, 'internal'],
    [new Error('Connection terminated unexpectedly'), 503, 'database.unreachable'],
    [new Error('timeout exceeded when trying to connect'), 503, 'database.unreachable'],
    [Object.assign(new Error('x'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }), 413, 'request.too-large'],
    [Object.assign(new Error('x'), { statusCode: 403 }), 403, 'request.refused'],
    [new TypeError('planted of undefined'), 500, 'internal'],
    ['planted', 500, 'internal'],
    [undefined, 500, 'internal'],
  ])('%s: %i %s', (error, status, code) => {
    const { problem } = problemOf(error, 'r1');
    expect(problem).toMatchObject({ status, code, instance: 'urn:arung:request:r1' });
    expect(problem.detail).toMatch(/^[A-Z].*\.$/);
    expect(JSON.stringify(problem)).not.toMatch(/planted|secret/);
  });
});
