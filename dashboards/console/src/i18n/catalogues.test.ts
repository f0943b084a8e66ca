import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { id } from './id.ts';

const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();
const languages: Readonly<Record<string, Readonly<Record<string, string>>>> = { id, en };

describe('the catalogues', () => {
  it('have the same keys and the same placeholders', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(id).sort());
    for (const [key, text] of Object.entries(id)) {
      expect({ key, holes: placeholders(languages['en']?.[key] ?? '') }).toEqual({ key, holes: placeholders(text) });
    }
  });

  it('say each key once: no file takes the text of another', () => {
    const keys = readdirSync(import.meta.dirname)
      .filter((name) => name.endsWith('.id.ts'))
      .flatMap((name) => [...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(/^ {2}'([^']+)':/gm)])
      .map((match) => match[1]);
    expect(keys.length).toBe(Object.keys(id).length);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('keep the voice: no exclamation marks, no apologies', () => {
    for (const texts of Object.values(languages)) {
      for (const text of Object.values(texts)) expect(text).not.toMatch(/!|maaf|sorry|please/i);
    }
  });

  it('have a sentence for every event that the controller records', async () => {
    const { eventKeys } = await import('../../../../src/domain/event.ts');
    for (const key of eventKeys) expect(Object.keys(id)).toContain(`event.${key}`);
  });

  it('have, as messages do, words for every reason of a probe', async () => {
    const { serviceReasons } = await import('../../../../src/alerting/words/service-reasons.ts');
    const reasons = Object.keys(id).filter((key) => key.startsWith('reason.probe.'));
    expect(
      Object.keys(serviceReasons)
        .map((code) => `reason.${code}`)
        .sort(),
    ).toEqual(reasons.sort());
  });

  it('name every built-in rule as messages do', async () => {
    const { builtInRules } = await import('../../../../src/alerting/rules/built-in.ts');
    const { fixedRuleWords, ruleWords } = await import('../../../../src/alerting/rules/rule-words.ts');
    expect(Object.keys(ruleWords).sort()).toEqual(builtInRules.map(({ key }) => key).sort());
    for (const [language, texts] of Object.entries(languages)) {
      for (const [key, words] of Object.entries(fixedRuleWords)) {
        expect({ key, name: texts[`rule.${key}`] }).toEqual({ key, name: words[language as 'id' | 'en'].name });
      }
      for (const [key, words] of Object.entries(ruleWords)) {
        const { name, says } = words[language as 'id' | 'en'];
        expect({ key, name: texts[`rule.${key}`], says: texts[`rule.says.${key}`] }).toEqual({ key, name, says });
      }
    }
  });
});
