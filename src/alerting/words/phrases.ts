import type { AlertCause, SubjectKind } from '../../domain/alert.ts';
import type { NoticeKind } from '../../domain/notice.ts';
import type { LinkMedium } from '../../domain/link.ts';
import type { SiteKind } from '../../domain/site.ts';
import type { Action } from '../channels/channel.ts';

/** What services are alerted by: no rule that anybody wrote. */
export const serviceRules = ['service.down', 'service.degraded', 'service.lost'] as const;
type ServiceRule = (typeof serviceRules)[number];

export function isServiceRule(rule: string | null): rule is ServiceRule {
  return serviceRules.some((one) => one === rule);
}

/** A sentence with named holes: `Listrik padam di {name}.` */
export type Sentence = string;

/**
 * Everything that a message says, in one language. The type makes every language complete; `words.test.ts` makes both
 * name the same holes.
 */
export interface Phrases {
  /** What broke, by how it is known and what it is. `{name}` */
  readonly broke: Readonly<Record<Exclude<AlertCause['reason'], 'rule'>, Readonly<Record<SubjectKind, Sentence>>>>;
  /** A link between sites that failed, by what it is made of. `{name}` */
  readonly linkBroke: Readonly<Record<LinkMedium, Sentence>>;
  /** What is wrong with a service by itself. `{name}` */
  readonly serviceBroke: Readonly<Record<ServiceRule, Sentence>>;
  /** What a rule fired on. `{rule}` `{name}` */
  readonly otherRule: Sentence;
  /** What the first line says. `{cause}` `{duration}` `{before}` `{count}` */
  readonly titles: Readonly<Record<NoticeKind, Sentence>>;
  /** `{cause}` `{times}` `{minutes}` */
  readonly flapping: Sentence;
  /** `{time}` */
  readonly since: Sentence;
  /** `{duration}` */
  readonly lasted: Sentence;
  readonly onlyMessage: Sentence;
  /** `{before}` */
  readonly notBefore: Sentence;
  /** `{list}` */
  readonly dark: Sentence;
  readonly wasDark: Sentence;
  readonly sites: Readonly<Record<SiteKind, Sentence>>;
  readonly devices: Sentence;
  readonly terminals: Sentence;
  /** `{service}` `{count}` */
  readonly service: Sentence;
  /** `{list}` */
  readonly lost: Sentence;
  readonly services: Sentence;
  readonly nobodyHurt: Sentence;
  /** `{place}` */
  readonly start: Sentence;
  /** `{notes}` */
  readonly access: Sentence;
  /** Of a repeat whose first try may have arrived. */
  readonly maybeTwice: Sentence;
  readonly testText: Sentence;
  /** One line of a digest: `{name}` `{cause}` `{from}` `{to}`. */
  readonly digestLine: Sentence;
  readonly digestOpen: Sentence;
  readonly digestMore: Sentence;
  readonly actions: Readonly<Record<Action, Sentence>>;
  readonly openPage: Sentence;
  readonly openMap: Sentence;
}

/** Puts values into the holes; a hole without a value stays empty. */
export function fill(sentence: Sentence, values: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{([a-zA-Z]+)\}/g, (_, name: string) => values[name] ?? '');
}

/** The names of the holes of a sentence. */
export function holesOf(sentence: Sentence): string[] {
  return [...sentence.matchAll(/\{([a-zA-Z]+)\}/g)].map((match) => match[1] ?? '');
}
