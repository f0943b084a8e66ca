import { ArungError } from '../../domain/errors.ts';
import { placeholders, type Placeholder } from './words.ts';

const known: ReadonlySet<string> = new Set(placeholders);

/**
 * Checks what an operator wrote: names of placeholders in braces, everything else is text. Throws with the name of the
 * first that nobody knows. There is no logic in a template, so there is nothing in it that could run.
 */
export function checkTemplate(body: string): readonly Placeholder[] {
  const found: Placeholder[] = [];
  for (const [whole, name = ''] of body.matchAll(/\{([^{}\n]*)\}/g)) {
    if (!known.has(name)) {
      throw new ArungError(
        'invalid',
        `The template has a placeholder ${whole.slice(0, 60)}, which nobody knows: it may name ${placeholders.map((each) => `{${each}}`).join(', ')}.`,
        {
          code: 'message-template.unknown-placeholder',
          arguments: { name: name.slice(0, 60) },
          details: [{ message: `Unknown placeholder ${name.slice(0, 60)}.`, field: 'body' }],
        },
      );
    }
    found.push(name as Placeholder);
  }
  const [first = ''] = body.split('\n').filter((line) => line.trim() !== '');
  if (first === '') {
    throw new ArungError('invalid', 'The template is empty: its first line is the title of the message.', {
      code: 'message-template.empty',
    });
  }
  return found;
}
