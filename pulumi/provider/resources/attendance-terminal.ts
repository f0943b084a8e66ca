import { normalised } from '../fragment-text.ts';
import type { Fragment } from '../fragments.ts';
import { unknown, type Properties } from '../values.ts';
import { DocumentResource } from './document-resource.ts';

const subjects = ['time', 'server', 'comm', 'network'] as const;

function settingsIn(inputs: Properties): readonly Fragment[] | null {
  const given = subjects.flatMap((subject) => {
    const values = inputs[subject];
    return values === undefined ? [] : [{ subject, values }];
  });
  if (given.some(({ values }) => values === unknown)) return null;
  return given.map(({ subject, values }) => ({ key: subject, subject, order: 0, values: normalised(values) }));
}

/** Settings of an attendance terminal. */
export const attendanceTerminal = new DocumentResource({
  type: 'AttendanceTerminal',
  driver: () => 'zkteco',
  normalised: (given) => {
    const { device = '' } = given;
    return {
      device,
      ...Object.fromEntries(subjects.flatMap((one) => (given[one] === undefined ? [] : [[one, given[one]]]))),
    };
  },
  fragments: settingsIn,
  inputs: ({ device, fragments }) => ({
    device,
    ...Object.fromEntries(fragments.map(({ subject, values }) => [subject, values])),
  }),
  placeOf: (inputs) => (at, property) => {
    const subject = settingsIn(inputs)?.[at]?.subject ?? 'device';
    return property === null ? subject : `${subject}.${property}`;
  },
});
