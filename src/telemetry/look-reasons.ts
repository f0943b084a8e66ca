import { Type } from 'typebox';
import { Check } from 'typebox/value';
import type { LookReason } from '../domain/service-state.ts';

/**
 * Why looks at services were not up, as comments of line protocol between the header of a message and its points: they
 * arrive with the points, once, and whoever does not know them passes them over.
 * `# why {"service":"…","at":1764520000,"code":"probe.http-status","arguments":{"status":500}}`
 */
const mark = '# why ';
const mostReasons = 2_000;
const longestLine = 4_096;

const Why = Type.Object({
  service: Type.String({ minLength: 1, maxLength: 60 }),
  at: Type.Integer({ minimum: 0 }),
  code: Type.String({ pattern: '^probe\\.[a-z0-9-]{1,60}$' }),
  arguments: Type.Record(Type.String({ maxLength: 40 }), Type.Union([Type.String({ maxLength: 400 }), Type.Number()]), {
    maxProperties: 8,
  }),
});

/** One line each, ending in a newline. */
export function encodeReasons(reasons: readonly LookReason[]): string {
  return reasons
    .map(({ serviceId, at, reason }) => {
      const why = { service: serviceId, at, code: reason.code, arguments: reason.arguments };
      return `${mark}${JSON.stringify(why)}\n`;
    })
    .join('');
}

/** Of a message that begins with its header; what does not fit is passed over. Its texts are an agent's own: hostile. */
export function readReasons(text: string): readonly LookReason[] {
  const reasons: LookReason[] = [];
  let from = text.indexOf('\n') + 1;
  for (let lines = 0; from > 0 && lines < mostReasons && text.startsWith(mark, from); lines++) {
    const end = text.indexOf('\n', from);
    const line = text.slice(from + mark.length, end < 0 ? text.length : end);
    from = end + 1;
    const why = line.length > longestLine ? null : parsed(line);
    if (Check(Why, why)) {
      const { service: serviceId, at, code } = why;
      reasons.push({ serviceId, at, reason: { code, arguments: why.arguments } });
    }
  }
  return reasons;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
