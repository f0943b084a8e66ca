import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';
import { ArungError } from '../domain/errors.ts';
import { deviceBackupRoutes } from './device-backups.ts';
import { rolloutRoutes } from './rollouts.ts';

/** Reasons that came so far. */
const reasons: (string | undefined)[] = [];
const never = (): Promise<never> => Promise.reject(new Error('nobody asks this'));
const start = (request: { readonly forcedReason?: string | undefined }): Promise<never> => {
  reasons.push(request.forcedReason);
  return Promise.reject(new ArungError('conflict', 'It came so far.', { code: 'test.came' }));
};
let tested: TestApi;
let operator: { authorization: string };

beforeAll(async () => {
  const rollouts = { list: never, get: never, revisionOf: never, device: never, preview: never, pause: never, resume: never, abort: never }; // prettier-ignore
  const backups = { list: never, failures: never, masked: never, difference: never };
  tested = await createTestApi({
    routes: () => [
      rolloutRoutes({ ...rollouts, start: (_access, request) => start(request) }, never, {
        previewed: () => undefined,
        started: () => undefined,
      }),
      deviceBackupRoutes(backups, { preview: never, start: (_access, _id, request) => start(request) }),
    ],
  });
  operator = await tested.as('operator', null);
}, 60_000);
afterAll(() => tested?.stop());

const post = async (path: string, payload: object) => {
  const response = await tested.api.app.inject({ method: 'POST', url: `/api/v1${path}`, headers: operator, payload });
  return response.json<{ code: string; status: number; details?: object[] }>();
};

describe.each([
  ['a rollout that could cut the controller off', '/rollouts', { versions: { a: 'f'.repeat(64) } }],
  ['a restore that could', '/device-backups/01990000-0000-7000-8000-000000000001/restore', {}],
])('%s', (_, path, body) => {
  it.each(['     ', '\u200b'.repeat(5), '\t\t\t\t\t', '. . . .'])(
    'is not forced without words: %j',
    async (forcedReason) => {
      reasons.length = 0;
      expect(await post(path, { ...body, forcedReason })).toMatchObject({ status: 400, code: 'reason.no-words', details: [{ field: 'forcedReason' }] }); // prettier-ignore
      expect(reasons).toEqual([]);
    },
  );

  it('is forced with a reason, which is kept without what stands around it, or not at all', async () => {
    reasons.length = 0;
    expect((await post(path, { ...body, forcedReason: ' \u200bkabel diganti\t ' })).code).toBe('test.came');
    expect((await post(path, body)).code).toBe('test.came');
    expect(reasons).toEqual(['kabel diganti', undefined]);
  });
});
