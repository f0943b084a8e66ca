import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';

describe('GET /audit/verification', () => {
  let test: TestApi;
  beforeAll(async () => {
    test = await createTestApi();
  }, 120_000);
  afterAll(() => test.stop());

  it('reads the log once for all who ask at the same time, and again for who asks later', async () => {
    const headers = await test.as('administrator', null);
    let readings = 0;
    const { verify } = test.audit;
    test.audit.verify = () => {
      readings++;
      return verify.call(test.audit);
    };
    const ask = () => test.api.app.inject({ url: '/api/v1/audit/verification', headers });
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    expect(answers.map((answer) => answer.statusCode)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(readings).toBeLessThan(20);
    const before = readings;
    expect((await ask()).json()).toMatchObject({ ok: true });
    expect(readings).toBe(before + 1);
  });
});
