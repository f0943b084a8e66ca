import { h, icon, sign } from './dom.ts';
import { facts } from './facts.ts';
import { footer } from './footer.ts';
import { clock, moment, span, zoneName } from './format.ts';
import { log } from './log.ts';
import { languageOf, nowOf, progress, waiting, type State } from './state.ts';
import { words, type Act } from './words.ts';

export interface Doing {
  press(act: Act, more?: { readonly text?: string; readonly minutes?: number }): void;
  photo(file: File): void;
  language(): void;
}

const byId = (id: string): HTMLElement => document.getElementById(id) ?? document.body;

/** Draws what changed: a part is made anew when what it is made of is another than before. */
export class Page {
  readonly #doing: Doing;
  readonly #drawn = new Map<string, string>();
  readonly #parts: Readonly<Record<'band' | 'facts' | 'log' | 'more', HTMLElement>>;

  constructor(doing: Doing) {
    this.#doing = doing;
    const part = () => h('div');
    this.#parts = { band: part(), facts: part(), log: part(), more: part() };
    const { band, facts: shown, log: written, more } = this.#parts;
    byId('main').append(band, shown, written, more);
  }

  draw(state: State): void {
    const language = languageOf(state);
    const w = words[language];
    const { view } = state;
    const now = nowOf(state);
    const minute = Math.floor(now / 60_000);
    document.documentElement.lang = language;
    const name = view?.incident.name ?? 'Arung';
    this.#part('name', name, byId('name'), () => [name]);
    this.#part('clock', `${minute} ${language} ${view?.timeZone}`, byId('clock'), () =>
      view === null ? [] : [`${clock(now, view.timeZone, language)} ${zoneName(view.timeZone)}`],
    );
    this.#signal(state);
    if (view === null || view.facts === null || isOver(state)) {
      this.#ending(state);
      return;
    }
    document.title = `${view.title} · ${name}`;
    const { incident, facts: known } = view;
    const { stage } = progress(state);
    byId('main').classList.toggle('taken', stage !== 'new');
    const isClearing = incident.state === 'clearing';
    this.#part('band', JSON.stringify([incident, minute, language]), this.#parts.band, () => [
      h(
        'div',
        { class: `sev ${isClearing ? 'recovered' : incident.severity}` },
        sign(isClearing ? 'recovered' : incident.severity),
        isClearing ? w.clearing : w.severity[incident.severity],
        h(
          'span',
          {},
          w.since(
            moment(incident.since, now, view.timeZone, language),
            span(now - Date.parse(incident.since), language),
          ),
        ),
      ),
    ]);
    const { log: entries, ...still } = known;
    this.#part('facts', JSON.stringify([still, view.title, view.sentences, language]), this.#parts.facts, () =>
      facts(view, known, language, now),
    );
    this.#part('log', JSON.stringify([entries, state.pending, language]), this.#parts.log, () => {
      const list = log(view, state.pending, language, now);
      return list === null ? [] : [h('h2', {}, w.log), list];
    });
    this.#part('more', JSON.stringify([language, progress(state).mine, known.workAt]), this.#parts.more, () =>
      this.#more(state, known.workAt),
    );
    this.#part('act', JSON.stringify([progress(state), state.resting, still.place, language]), byId('act'), () =>
      footer(
        state,
        (act) => this.#doing.press(act),
        (file) => this.#doing.photo(file),
      ),
    );
  }

  #signal(state: State): void {
    const w = words[languageOf(state)];
    const count = waiting(state).length;
    const refused = state.pending.length - count;
    let text = '';
    if (state.offline && count > 0) text = `${w.noSignal} ${w.willSend(count)}`;
    else if (state.offline && state.view !== null) {
      const { at, timeZone } = state.view;
      text = `${w.noSignal} ${w.stateOf(moment(at, nowOf(state), timeZone, languageOf(state)))}`;
    } else if (refused > 0) text = w.refused(refused);
    else if (count > 0) text = w.sending(count);
    this.#part('signal', text, byId('signal'), () =>
      text === '' ? [] : [h('div', { class: 'band' }, icon('signal'), text)],
    );
  }

  /** Everything that is no work: it is over, the link is not ours, or nothing has come yet. */
  #ending(state: State): void {
    const language = languageOf(state);
    const key = JSON.stringify([state.problem, state.view, state.offline, language]);
    this.#part('ending', key, this.#parts.facts, () => ending(state));
    for (const part of ['band', 'log', 'more'] as const) this.#part(part, '', this.#parts[part], () => []);
    this.#part('act', '', byId('act'), () => []);
    this.#drawn.delete('facts');
  }

  #more(state: State, workAt: string | null): Node[] {
    const w = words[languageOf(state)];
    const { press, language } = this.#doing;
    const text = h('textarea', { maxlength: '4000', rows: '3' });
    const send = (): void => {
      const written = text.value.trim();
      if (written === '') return text.focus();
      press('comment', { text: written });
      text.value = '';
    };
    const wide = (name: 'work' | 'back', act: () => void, label: string, hint: string) =>
      h(
        'button',
        { class: 'btn row', type: 'button', click: act },
        icon(name),
        h('span', {}, label, h('span', { class: 'hint' }, hint)),
      );
    return [
      h('label', { class: 'note' }, w.writeNote, text),
      h(
        'div',
        { class: 'more' },
        h('button', { class: 'btn wide', type: 'button', click: send }, icon('pen'), w.send),
        workAt === null
          ? wide('work', () => press('mute', { minutes: 120, text: w.muteText }), w.mute, w.muteWhy)
          : wide('work', () => press('work', { minutes: 120, text: w.workText }), w.work, w.workWhy(workAt)),
        progress(state).mine ? wide('back', () => press('hand-back'), w.handBack, w.handBackWhy) : null,
      ),
      h('button', { class: 'btn plain', type: 'button', click: () => language() }, w.language),
    ];
  }

  #part(name: string, key: string, into: HTMLElement, build: () => (Node | string)[]): void {
    if (this.#drawn.get(name) === key) return;
    this.#drawn.set(name, key);
    if (name === 'facts') this.#drawn.delete('ending');
    into.replaceChildren(...build());
  }
}

export function isOver(state: State): boolean {
  return state.problem === 'link.invalid' || state.problem === 'link.ended' || state.view?.facts === null;
}

function ending(state: State): Node[] {
  const language = languageOf(state);
  const w = words[language];
  const { view, problem } = state;
  if (problem === 'link.invalid') return said('info', w.ended.invalid, w.ended.invalidText);
  if (problem === 'link.ended' && view === null) return said('recovered', w.ended.over, w.ended.overText);
  if (view !== null) {
    const { incident, title, timeZone } = view;
    if (incident.state === 'merged') {
      return said('info', w.ended.merged, incident.mergedInto === null ? '' : w.ended.mergedInto(incident.mergedInto));
    }
    const until = incident.clearedAt ?? incident.endedAt;
    if (until === null) return said('recovered', w.ended.over, w.ended.overText);
    const [from, to] = [incident.since, until].map((at) => moment(at, nowOf(state), timeZone, language));
    const long = span(Date.parse(until) - Date.parse(incident.since), language);
    return said('recovered', w.ended.after(long), `${title}, ${from}–${to}.`, w.ended.nothing);
  }
  if (state.offline) return said('info', w.noView, w.noViewText);
  if (problem !== null) return said('info', w.failed, w.failedText);
  return [
    h('p', { class: 'sure' }, w.loading),
    h('div', { class: 'skel' }),
    h('div', { class: 'skel tall' }),
    h('div', { class: 'skel' }),
  ];
}

function said(kind: 'recovered' | 'info', title: string, ...lines: string[]): Node[] {
  const state = h('div', { class: kind === 'info' ? 'end bad' : 'end' }, sign(kind), h('h1', {}, title));
  state.append(...lines.filter(Boolean).map((line) => h('p', {}, line)));
  return [state];
}
