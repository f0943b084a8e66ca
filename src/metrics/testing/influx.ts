import {
  influxOrg,
  influxToken,
  startInflux1,
  startInflux2,
  type RunningInflux,
} from '../../../tests/support/influx.ts';
import type { MetricStoreChoice } from '../open-store.ts';

let used = 0;

/** How a test reaches its own, empty database of a running InfluxDB. */
export function choiceFor(influx: RunningInflux, name = `arung-${++used}`): MetricStoreChoice {
  return influx.version === 1
    ? { kind: 'influx1', url: influx.url, database: name, user: null, password: null }
    : { kind: 'influx2', url: influx.url, org: influxOrg, bucket: name, token: influxToken };
}

export function startedInflux(version: 1 | 2, program: string): Promise<RunningInflux> {
  return version === 1 ? startInflux1(program) : startInflux2(program);
}

/** By hand, as a person at the server would: a statement of 1.x, or a call of the API of 2.x. */
export interface ByHand {
  removeRollUp(name: string): Promise<void>;
  removeEverything(name: string): Promise<void>;
  keepRawFor(name: string, seconds: number): Promise<void>;
  rawKeptFor(name: string): Promise<number>;
  write(name: string, line: string): Promise<void>;
}

export function byHand(influx: RunningInflux): ByHand {
  return influx.version === 1 ? byHand1(influx.url) : byHand2(influx.url);
}

function byHand1(url: string): ByHand {
  const ask = async (q: string): Promise<string> => {
    const answer = await fetch(`${url}/query?epoch=s`, { method: 'POST', body: new URLSearchParams({ q }) });
    return answer.text();
  };
  return {
    removeRollUp: async (name) => void (await ask(`DROP RETENTION POLICY "5m" ON "${name}"`)),
    removeEverything: async (name) => void (await ask(`DROP DATABASE "${name}"`)),
    keepRawFor: async (name, seconds) =>
      void (await ask(`ALTER RETENTION POLICY "autogen" ON "${name}" DURATION ${seconds}s SHARD DURATION 1h`)),
    rawKeptFor: async (name) => {
      const found = /"autogen","(\d+)h/.exec(await ask(`SHOW RETENTION POLICIES ON "${name}"`));
      return Number(found?.[1]) * 3_600;
    },
    write: async (name, line) => {
      const answer = await fetch(`${url}/write?db=${name}&rp=autogen&precision=s`, { method: 'POST', body: line });
      if (!answer.ok) throw new Error(await answer.text());
    },
  };
}

function byHand2(url: string): ByHand {
  const headers = { authorization: `Token ${influxToken}` };
  type Bucket = { readonly id: string; readonly retentionRules: readonly { readonly everySeconds: number }[] };
  const bucket = async (name: string): Promise<Bucket | undefined> => {
    const answer = await fetch(`${url}/api/v2/buckets?name=${encodeURIComponent(name)}`, { headers });
    return ((await answer.json()) as { buckets?: Bucket[] }).buckets?.[0];
  };
  const remove = async (name: string): Promise<void> => {
    const { id = '' } = (await bucket(name)) ?? {};
    await fetch(`${url}/api/v2/buckets/${id}`, { method: 'DELETE', headers });
  };
  return {
    removeRollUp: (name) => remove(`${name}/5m`),
    removeEverything: async (name) => {
      for (const each of [name, `${name}/5m`, `${name}/1h`]) await remove(each);
    },
    keepRawFor: async (name, everySeconds) => {
      const { id = '' } = (await bucket(name)) ?? {};
      const body = JSON.stringify({ retentionRules: [{ type: 'expire', everySeconds }] });
      await fetch(`${url}/api/v2/buckets/${id}`, { method: 'PATCH', headers, body });
    },
    rawKeptFor: async (name) => (await bucket(name))?.retentionRules[0]?.everySeconds ?? 0,
    write: async (name, line) => {
      const path = `/api/v2/write?org=${influxOrg}&bucket=${encodeURIComponent(name)}&precision=s`;
      const answer = await fetch(url + path, { method: 'POST', headers, body: line });
      if (!answer.ok) throw new Error(await answer.text());
    },
  };
}
