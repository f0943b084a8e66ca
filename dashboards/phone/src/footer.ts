import { h, icon } from './dom.ts';
import { dialled, wayTo } from './facts.ts';
import { moment } from './format.ts';
import { languageOf, nowOf, progress, type State } from './state.ts';
import { words, type Act } from './words.ts';

const nextAct = { new: 'take', taken: 'on-the-way', 'on-the-way': 'on-site', 'on-site': 'fixed' } as const;
const order = ['taken', 'on-the-way', 'on-site', 'fixed'];

/** The thumb's zone: the next step is the largest thing in it. */
export function footer(state: State, press: (act: Act) => void, photo: (file: File) => void): Node[] {
  const { view } = state;
  if (view === null || view.facts === null) return [];
  const language = languageOf(state);
  const w = words[language];
  const { stage, mine, other } = progress(state);
  const nodes: Node[] = [];
  if (stage !== 'new') {
    const reached = order.indexOf(stage);
    nodes.push(
      h('ol', { class: 'step' }, ...w.steps.map((step, at) => h('li', at <= reached ? { class: 'd' } : {}, step))),
    );
  }
  if (other !== null) {
    const { takenAt } = view.incident;
    const time = takenAt === null ? '' : moment(takenAt, nowOf(state), view.timeZone, language);
    nodes.push(h('p', { class: 'by' }, w.takenBy(other, time)));
    nodes.push(h('button', { class: 'btn wide', type: 'button', click: () => press('take') }, w.takeOver));
  } else if (stage === 'fixed') {
    nodes.push(h('button', { class: 'btn big', type: 'button', disabled: true }, w.fixed));
  } else {
    const act = mine || stage === 'new' ? nextAct[stage] : 'take';
    const label = act === 'take' ? w.next.new : w.next[stage];
    nodes.push(
      h(
        'button',
        { class: 'btn big', type: 'button', disabled: state.resting, 'data-act': act, click: () => press(act) },
        label,
      ),
    );
  }
  const way = wayTo(view.facts.place);
  const number = view.facts.place?.contacts.map(({ phone }) => dialled(phone)).find((each) => each !== '');
  const toWay = way === null ? null : h('a', { class: 'btn', href: way, rel: 'noreferrer' }, icon('way'), w.way);
  const toCall = number === undefined ? null : h('a', { class: 'btn', href: `tel:${number}` }, icon('phone'), w.call);
  const toPhoto = photoButton(w.photo, photo);
  const two = mine ? [toPhoto, toWay] : [toWay, toCall ?? toPhoto];
  const buttons = two.filter((each) => each !== null);
  if (buttons.length === 1) buttons[0]?.classList.add('wide');
  return [...nodes, ...buttons];
}

function photoButton(label: string, photo: (file: File) => void): HTMLElement {
  const input = h('input', {
    class: 'file',
    type: 'file',
    accept: 'image/*',
    capture: 'environment',
    'aria-label': label,
  });
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file !== undefined) photo(file);
    input.value = '';
  });
  return h('span', { class: 'btn' }, icon('camera'), label, input);
}
