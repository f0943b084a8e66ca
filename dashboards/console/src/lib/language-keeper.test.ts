import { describe, expect, it } from 'vitest';
import { LanguageKeeper } from './language-keeper.ts';
import type { Language } from './numbers.ts';

/** A controller that answers when it is told to, and a browser that remembers. */
function stage() {
  const memory = new Map<string, string>();
  const asked: { readonly language: Language; readonly answer: (arrived: boolean) => void }[] = [];
  const save = (language: Language): Promise<void> =>
    new Promise((resolve, reject) => {
      asked.push({ language, answer: (arrived) => (arrived ? resolve() : reject(new Error('no way there'))) });
    });
  const begin = () =>
    new LanguageKeeper({
      save,
      remembered: (name) => memory.get(name) ?? null,
      remember: (name, value) => void memory.set(name, value),
    });
  return { asked, begin };
}

describe('the language that a person chose', () => {
  it('is the last of two quick choices: the second is sent when the first has arrived', async () => {
    const { asked, begin } = stage();
    const keeper = begin();
    const kept = keeper.keep('basri', 'en');
    void keeper.keep('basri', 'id');
    expect(asked.map(({ language }) => language)).toEqual(['en']);
    asked[0]?.answer(true);
    await expect.poll(() => asked.map(({ language }) => language)).toEqual(['en', 'id']);
    expect(keeper.isUnsaved('basri')).toBe(true);
    asked[1]?.answer(true);
    await kept;
    expect(keeper.isUnsaved('basri')).toBe(false);
  });

  it('holds in this browser until it has arrived, over a reload, and only for who chose it', async () => {
    const { asked, begin } = stage();
    const keeper = begin();
    const kept = keeper.keep('basri', 'en');
    asked[0]?.answer(false);
    await kept;
    const afterReload = begin();
    expect(afterReload.isUnsaved('basri')).toBe(true);
    expect(afterReload.isUnsaved('rahma')).toBe(false);
    const again = afterReload.keep('basri', 'en');
    asked[1]?.answer(true);
    await again;
    expect(begin().isUnsaved('basri')).toBe(false);
  });

  it('is told again by a later choice where one did not arrive', async () => {
    const { asked, begin } = stage();
    const keeper = begin();
    const kept = keeper.keep('basri', 'en');
    asked[0]?.answer(false);
    await kept;
    const again = keeper.keep('basri', 'id');
    expect(asked.map(({ language }) => language)).toEqual(['en', 'id']);
    asked[1]?.answer(true);
    await again;
    expect(keeper.isUnsaved('basri')).toBe(false);
  });
});
