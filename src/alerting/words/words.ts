import type { AlertCause } from '../../domain/alert.ts';
import { incidentName, type Impact } from '../../domain/incident.ts';
import type { NoticeContent, NoticeKind } from '../../domain/notice.ts';
import { siteKinds } from '../../domain/site.ts';
import { fixedRuleWords, ruleWords } from '../rules/rule-words.ts';
import { english } from './english.ts';
import { evidenceSentences } from './evidence.ts';
import { certainty, duration, moment, number, type Language } from './figures.ts';
import { indonesian } from './indonesian.ts';
import { fill, isServiceRule, type Phrases } from './phrases.ts';
import { shownName, shownText } from './shown-text.ts';

export const languages: Readonly<Record<Language, Phrases>> = { id: indonesian, en: english };

export interface WordsOptions {
  /** IANA name: times are told in it, and it is named. */
  readonly timeZone: string;
  /** What an operator wrote in place of the built-in sentences; its first line is the title. */
  readonly template?: string | undefined;
  /** It goes to another company's server: notes of access, which may name people, stay here. */
  readonly leaves?: boolean | undefined;
  readonly maybeTwice?: boolean | undefined;
}

export interface Words {
  /** One line. */
  readonly title: string;
  /** Lines of plain text; the title is not repeated. */
  readonly text: string;
}

const maxText = 3_000;

/** The message of a notice in one language: plain text in which every name is text. */
export function wordsOf(content: NoticeContent, kind: NoticeKind, language: Language, options: WordsOptions): Words {
  const parts = partsOf(content, kind, language, options);
  const lines = fill(options.template ?? builtInTemplates[kind], parts).split('\n');
  const [title = '', ...rest] = lines.map((line) => line.trim()).filter((line) => line !== '');
  // Next to the title: a channel that cuts long messages keeps it.
  if (options.maybeTwice === true) rest.unshift(languages[language].maybeTwice);
  return { title: shownLine(title, 300), text: shownLines(rest.join('\n')) };
}

/** What a template may name; each is one line or a few, and empty where there is nothing to say. */
export const placeholders = [
  'title',
  'cause',
  'certainty',
  'since',
  'duration',
  'evidence',
  'impact',
  'services',
  'place',
  'access',
  'before',
  'flaps',
  'digest',
  'incident',
  'severity',
] as const;
export type Placeholder = (typeof placeholders)[number];

const ofIncident =
  '{title}\n{certainty} {since}\n{before}\n{evidence}\n{flaps}\n{impact}\n{services}\n{place}\n{access}\n{incident}';

/** What is sent where no operator wrote anything else; a line whose placeholders are all empty is left out. */
export const builtInTemplates: Readonly<Record<NoticeKind, string>> = {
  opened: ofIncident,
  revised: ofIncident,
  escalated: ofIncident,
  'handed-over': ofIncident,
  resolved: '{title}\n{impact}\n{since} {duration}\n{incident}',
  digest: '{title}\n{digest}',
  test: '{title}\n{digest}',
};

function partsOf(
  content: NoticeContent,
  kind: NoticeKind,
  language: Language,
  options: WordsOptions,
): Record<Placeholder, string> {
  const phrases = languages[language];
  const cause = causeSentence(content.cause, content.rule, language);
  const lasted = content.lastedS === null ? '' : duration(content.lastedS, language);
  const { flaps } = content;
  const headline =
    flaps === null
      ? cause
      : fill(phrases.flapping, {
          cause,
          times: number(flaps.times, language),
          minutes: number(flaps.minutes, language),
        });
  const isOver = kind === 'resolved';
  const isPlain = kind === 'test' || kind === 'digest';
  const before = content.before === null ? '' : causeSentence(content.before, null, language);
  return {
    title: fill(phrases.titles[kind], {
      cause: headline,
      duration: lasted,
      before,
      count: number(content.digest.length, language),
    }),
    cause,
    certainty: isPlain || content.cause.reason === 'rule' ? '' : `${certainty(content.cause.certainty, language)}.`,
    since: isPlain ? '' : fill(phrases.since, { time: moment(content.since, language, options.timeZone) }),
    duration: lasted === '' ? '' : fill(phrases.lasted, { duration: lasted }),
    evidence: evidenceSentences(content.evidence, language).join(' '),
    impact: isPlain ? '' : impactSentence(content.impact, isOver, phrases, language),
    services: isPlain || isOver ? '' : servicesSentence(content.impact, phrases, language),
    place: placeSentence(content, phrases),
    access:
      options.leaves === true || content.place === null || content.place.accessNotes === ''
        ? ''
        : fill(phrases.access, { notes: shownText(content.place.accessNotes, 400) }),
    before: before === '' ? '' : fill(phrases.notBefore, { before }),
    flaps: flaps === null ? '' : phrases.onlyMessage,
    digest: kind === 'test' ? phrases.testText : digestLines(content, phrases, language, options.timeZone).join('\n'),
    incident: content.incidentNumber === null ? '' : incidentName(content.incidentNumber),
    severity: content.severity,
  };
}

/** What broke, without an end mark: `Serat Palattae–Kahu putus`. */
export function causeSentence(cause: AlertCause, rule: string | null, language: Language): string {
  const phrases = languages[language];
  const name = shownName(cause.name);
  if (cause.reason === 'failed' && cause.link !== undefined) {
    return fill(phrases.linkBroke[cause.link.medium], { name: shownName(cause.link.places) });
  }
  if (cause.reason !== 'rule') return fill(phrases.broke[cause.reason][cause.kind], { name });
  if (isServiceRule(rule)) return fill(phrases.serviceBroke[rule], { name });
  const known = rule === null ? undefined : (ruleWords[rule] ?? fixedRuleWords[rule]);
  return fill(phrases.otherRule, { name, rule: known?.[language].name ?? shownText(rule ?? '') });
}

function impactSentence(impact: Impact, isOver: boolean, phrases: Phrases, language: Language): string {
  const say = (sentence: string, count: number) =>
    count === 0 ? [] : [fill(sentence, { count: number(count, language) })];
  const list = [
    ...siteKinds.toReversed().flatMap((kind) => say(phrases.sites[kind], impact.sites[kind])),
    ...say(phrases.terminals, impact.terminals),
  ];
  if (list.length === 0 && impact.devices > 1) list.push(...say(phrases.devices, impact.devices));
  if (list.length === 0) return isOver ? '' : phrases.nobodyHurt;
  return fill(isOver ? phrases.wasDark : phrases.dark, { list: list.join(', ') });
}

/** The three that are hurt most by name, the others counted. */
function servicesSentence(impact: Impact, phrases: Phrases, language: Language): string {
  const named = impact.services
    .slice(0, 3)
    .map(({ name, sites }) => fill(phrases.service, { service: shownText(name), count: number(sites, language) }));
  const others = impact.services.length - named.length;
  if (others > 0) named.push(fill(phrases.services, { count: number(others, language) }));
  return named.length === 0 ? '' : fill(phrases.lost, { list: named.join(', ') });
}

function placeSentence({ place }: NoticeContent, phrases: Phrases): string {
  if (place === null) return '';
  const words = [shownName(place.name), shownName(place.at)].filter((word) => word !== '');
  return words.length === 0 ? '' : fill(phrases.start, { place: words.join(', ') });
}

const digestLength = 20;

function digestLines({ digest }: NoticeContent, phrases: Phrases, language: Language, timeZone: string): string[] {
  const lines = digest.slice(0, digestLength).map(({ number: of, cause, since, until }) =>
    fill(phrases.digestLine, {
      name: incidentName(of),
      cause: causeSentence(cause, null, language),
      from: moment(since, language, timeZone),
      to: until === null ? phrases.digestOpen : moment(until, language, timeZone),
    }),
  );
  const others = digest.length - lines.length;
  if (others > 0) lines.push(fill(phrases.digestMore, { count: number(others, language) }));
  return lines;
}

function shownLine(text: string, maxLength: number): string {
  const characters = [...text];
  return characters.length <= maxLength ? text : characters.slice(0, maxLength - 1).join('') + '…';
}

function shownLines(text: string): string {
  return shownLine(text, maxText);
}
