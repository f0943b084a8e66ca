import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { Demo } from '../../support/demo.ts';
import type { WebhookReceiver } from '../../support/webhook-receiver.ts';

export interface OpenIncident {
  readonly id: string;
  readonly name: string;
  readonly takenBy: { readonly name: string } | null;
  readonly silence: object | null;
}
interface RuleAnswer {
  readonly rule: { readonly severity: string; readonly scope: object; readonly condition: { readonly above?: number } };
}

/** Below the limit of a test, so that what was waited for is named. */
export const patient = { timeout: 90_000, interval: 500 };

/** The console as the administrator on duty has it, in Indonesian, and what is looked for in it. */
export class Screen {
  readonly demo: Demo;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly receiver: WebhookReceiver;
  readonly webhookUrl: string;

  constructor(options: {
    readonly demo: Demo;
    readonly context: BrowserContext;
    readonly page: Page;
    readonly receiver: WebhookReceiver;
    readonly webhookUrl: string;
  }) {
    this.demo = options.demo;
    this.context = options.context;
    this.page = options.page;
    this.receiver = options.receiver;
    this.webhookUrl = options.webhookUrl;
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.demo.url + path);
    await this.page.getByRole('heading', { level: 1 }).first().waitFor();
  }

  dialog(name: string | RegExp): Locator {
    return this.page.getByRole('dialog', { name });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  row(text: string): Locator {
    return this.page.locator('tr', { hasText: text });
  }

  /** What the controller answers to whoever is signed in here. */
  async asked<T>(path: string): Promise<T> {
    return (await this.page.evaluate(`fetch('${path}').then((answer) => answer.json())`)) as T;
  }

  rule(key: string): Promise<RuleAnswer> {
    return this.demo.get<RuleAnswer>(`/api/v1/alert-rules/${key}`);
  }

  async incidents(): Promise<readonly OpenIncident[]> {
    return (await this.demo.get<{ items: readonly OpenIncident[] }>('/api/v1/incidents?state=open')).items;
  }
}
