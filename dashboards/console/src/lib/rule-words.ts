import { textOf } from './i18n.svelte.ts';

type Figures = Readonly<Record<string, string | number>>;

/** What a rule is called: a built-in one in the reader's language, another as whoever wrote it named it. */
export function ruleName(rule: { readonly key: string; readonly name: string }): string {
  return textOf(`rule.${rule.key}`) ?? rule.name;
}

/** What a built-in rule says with the figures it fired on; undefined for any other rule. */
export function ruleSays(key: string, figures: Figures): string | undefined {
  return textOf(`rule.says.${key}`, figures);
}
