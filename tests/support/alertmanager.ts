import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { freePort } from './free-port.ts';

/** Debian's Alertmanager, which hands all alerts to one webhook. */
export interface RunningAlertmanager {
  readonly url: string;
  /** As Prometheus does: without `endsAt` they hold for five minutes. */
  tell(alerts: readonly { labels: Record<string, string>; annotations?: object; endsAt?: string }[]): Promise<void>;
  alerts(): Promise<unknown[]>;
  stop(): Promise<void>;
}

export async function startAlertmanager(
  program: string,
  { hook, token }: { readonly hook: string; readonly token: string },
): Promise<RunningAlertmanager> {
  const folder = mkdtempSync(join(tmpdir(), 'arung-alertmanager-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const authorization = { credentials: token };
  const config = {
    route: { receiver: 'arung', group_by: ['...'], group_wait: '1s', group_interval: '1s' },
    receivers: [{ name: 'arung', webhook_configs: [{ url: hook, http_config: { authorization } }] }],
  };
  writeFileSync(join(folder, 'am.yml'), JSON.stringify(config));
  const places = [`--config.file=${join(folder, 'am.yml')}`, `--storage.path=${folder}`];
  const listens = [`--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address='];
  const child = spawn(program, [...places, ...listens], { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const patient = { timeout: 100_000, interval: 200 };
    await vi.waitFor(async () => expect((await fetch(`${url}/-/ready`)).ok).toBe(true), patient);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    tell: async (alerts) => {
      const answer = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      });
      expect(answer.status).toBe(200);
    },
    alerts: async () => (await (await fetch(`${url}/api/v2/alerts`)).json()) as unknown[],
    stop,
  };
}
