import { expect, it } from 'vitest';
import { outgoing } from '../../../tests/support/outgoing-message.ts';
import { sampleContent } from '../words/sample.ts';
import { languages, wordsOf } from '../words/words.ts';
import { smsText } from './sms-text.ts';

it.each(['id', 'en'] as const)('says in %s that it may have come before, however long the rest is', (language) => {
  const sample = sampleContent('opened', Date.now());
  const long = { ...sample, place: { ...sample.place, at: 'r'.repeat(400) } } as typeof sample;
  const { title, text } = wordsOf(long, 'opened', language, { timeZone: 'Asia/Makassar', maybeTwice: true });
  const sent = smsText(
    outgoing('0811', { title, text, maybeTwice: true, link: `https://arung.example/${'i'.repeat(60)}` }),
  );
  expect(sent).toContain(languages[language].maybeTwice);
  expect(sent.length).toBeLessThanOrEqual(459);
});
