import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { text } from 'node:stream/consumers';
import { readInventoryFacts } from '../alerting/rules/inventory-facts.ts';
import { readPastWork } from '../alerting/rules/past-work.ts';
import { RulePreview } from '../alerting/rules/preview.ts';
import { RuleContext } from '../alerting/rules/rule-context.ts';
import { UsualProfiles } from '../alerting/rules/usual.ts';
import { previewView, type RulePreviewView } from '../api/alert-rules.ts';
import { ApiTokens } from '../auth/api-tokens.ts';
import type { Config } from '../config.ts';
import { systemAccess } from '../domain/access.ts';
import type { AlertRule } from '../domain/alert-rule.ts';
import { systemClock as clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { metricStoreChoice } from '../metric-store.ts';
import { openMetricStore } from '../metrics/open-store.ts';
import { readControllerNote, type State } from '../state.ts';
import { commandLogger, onState } from './context.ts';

const access = systemAccess('command line');
const tokenName = 'rules preview';
const tokenMs = 600_000;

export interface PreviewedRule {
  readonly rule: AlertRule;
  readonly preview: RulePreviewView;
}

/**
 * Tries rules on the past. A controller that runs has its metric store to itself and is asked, with a token that ends with
 * the command; else the store is opened here.
 */
export function previewOnPast(rules: readonly AlertRule[]): Promise<readonly PreviewedRule[]> {
  return onState(async (state, config) => {
    const note = readControllerNote(config.dataDir);
    return note !== null && isAlive(note.pid) ? askController(state, note.localUrl, rules) : ask(state, config, rules);
  });
}

async function ask(state: State, config: Config, rules: readonly AlertRule[]): Promise<readonly PreviewedRule[]> {
  const logger = commandLogger();
  const store = openMetricStore(metricStoreChoice(config), logger);
  await store.start();
  const usual = new UsualProfiles({ store, clock, logger });
  try {
    const facts = await readInventoryFacts(state.database.db);
    const context = new RuleContext({ facts, usual, timeZone: config.timeZone });
    const preview = new RulePreview({
      store,
      usual,
      context: () => context,
      clock,
      pastWork: (period) => readPastWork(state.database.db, period),
    });
    const previewed: PreviewedRule[] = [];
    for (const rule of rules) previewed.push({ rule, preview: previewView(await preview.run(rule, 'everywhere')) });
    return previewed;
  } finally {
    await usual.stop();
    await store.stop();
  }
}

async function askController(
  { database, audit }: State,
  url: string,
  rules: readonly AlertRule[],
): Promise<readonly PreviewedRule[]> {
  const tokens = new ApiTokens({ db: database.db, audit });
  const expiresAt = new Date(clock.now() + tokenMs);
  const name = `${tokenName} ${process.pid}`;
  const { apiToken, token } = await tokens.create(access, { name, role: 'operator', regionCode: null, expiresAt });
  try {
    const previewed: PreviewedRule[] = [];
    for (const rule of rules) previewed.push({ rule, preview: await post(url, token, { rule }) });
    return previewed;
  } finally {
    await tokens.revoke(access, apiToken.id);
  }
}

/** A controller of this machine, named by its own note: its certificate is made out to the name that people type. */
async function post(url: string, token: string, body: unknown): Promise<RulePreviewView> {
  const request = url.startsWith('https:') ? secure : plain;
  const { status, answer } = await new Promise<{ status: number; answer: string }>((resolve, reject) => {
    const sent = request(`${url}/api/v1/alert-rules/preview`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      rejectUnauthorized: false,
    });
    sent.on('response', (response) =>
      text(response).then((said) => resolve({ status: response.statusCode ?? 0, answer: said }), reject),
    );
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
  const given: unknown = JSON.parse(answer);
  if (status === 200) return given as RulePreviewView;
  const detail = typeof given === 'object' && given !== null && 'detail' in given ? String(given.detail) : answer;
  throw new ArungError('unavailable', `The controller did not try the rule: ${detail}`, {
    code: 'rule.preview-refused',
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
