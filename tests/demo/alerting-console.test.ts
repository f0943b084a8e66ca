import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { launch, openPage, signIn } from '../support/browser.ts';
import { Demo, demoPassword } from '../support/demo.ts';
import { describeWithPeer } from '../support/peers.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';
import { changeTests } from './alerting/changes.ts';
import { channelTests } from './alerting/channels.ts';
import { dutyTests } from './alerting/duty.ts';
import { incidentTests } from './alerting/incidents.ts';
import { pushTests } from './alerting/push.ts';
import { ruleTests } from './alerting/rules.ts';
import { Screen } from './alerting/screen.ts';

vi.setConfig({ testTimeout: 120_000 });

/** The console of alerting as an administrator on duty has it: a real browser, a real controller, a real cut. */
describeWithPeer('chromium', 'the console of alerting in Chromium', (chromium) => {
  const demo = new Demo();
  const receiver = new WebhookReceiver();
  let browser: Browser;
  let screen: Screen;
  let problems: string[];

  beforeAll(async () => {
    await demo.start();
    await demo.until((status) => status.devices.up === 1524, 240_000);
    await demo.cli('simulator', 'cut', 'palattae--kahu');
    const webhookUrl = await receiver.start();
    browser = await launch(chromium);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'id-ID' });
    context.setDefaultTimeout(30_000);
    await context.grantPermissions(['notifications'], { origin: demo.url });
    const opened = await openPage(context);
    const { page } = opened;
    ({ problems } = opened);
    screen = new Screen({ demo, context, page, receiver, webhookUrl });
    await signIn(page, demo.url, demoPassword);
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await receiver.stop();
    await demo.remove();
  }, 60_000);

  const at = (): Screen => screen;
  ruleTests(at);
  channelTests(at);
  dutyTests(at);
  incidentTests(at);
  pushTests(at);
  changeTests(at);

  it('ran without a script error or a violation of the content policy', () => {
    expect(problems).toEqual([]);
  });
});
