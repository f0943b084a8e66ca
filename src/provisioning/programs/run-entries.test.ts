import { describe, expect, it } from 'vitest';
import type { ProgramEntry, ProgramStep } from '../../domain/program-run.ts';
import type { EngineEvent, StepMetadata } from './engine-event.ts';
import { textCleaner } from './program-text.ts';
import { entryBounds, RunEntries } from './run-entries.ts';

const type = 'arung:index:RouterosItem';
const urnOf = (name: string): string => `urn:pulumi:kahu::arung::${type}::${name}`;
const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** As Pulumi 3.274.1 tells it: see the test with the real CLI (tests/pulumi/programs.test.ts). */
function metadata(op: string, name: string, more: Partial<StepMetadata> = {}): StepMetadata {
  return { op, urn: urnOf(name), type, old: null, new: null, ...more };
}
const state = (inputs: object, outputs: object = inputs) => ({ custom: true, inputs, outputs });
const pre = (step: StepMetadata): EngineEvent => ({ resourcePreEvent: { metadata: step } });
const outputs = (step: StepMetadata): EngineEvent => ({ resOutputsEvent: { metadata: step } });

function entriesOf(isPreview: boolean, ...events: readonly EngineEvent[]) {
  const entries = new RunEntries({ isPreview, clean: textCleaner([]) });
  for (const event of events) entries.take(event);
  const changed = entries.takeChanged();
  const steps = changed.map(({ entry }) => entry).filter((entry): entry is ProgramStep => entry.entry === 'step');
  return { entries, changed, steps, all: changed.map(({ entry }): ProgramEntry => entry) };
}

describe('the entries of a run', () => {
  it('are the resources that change, with every property of what comes and of what goes', () => {
    const fresh = state({
      menu: '/ip/address',
      values: { address: '10.73.8.1/24', password: '[secret]' },
      id: unknown,
    });
    const { steps, entries } = entriesOf(
      true,
      pre(metadata('create', 'lan', { new: fresh })),
      pre(metadata('delete', 'lama', { old: state({ menu: '/ip/pool' }) })),
      pre(metadata('same', 'tetap', { old: state({}), new: state({}) })),
      { summaryEvent: { resourceChanges: { create: 1, delete: 1, same: 7 } } },
    );
    expect(steps).toMatchObject([
      {
        kind: 'create',
        state: 'planned',
        type: 'RouterosItem',
        name: 'lan',
        changes: [
          { property: 'menu', before: null, after: '/ip/address', secret: false, computed: false },
          { property: 'values.address', after: '10.73.8.1/24' },
          { property: 'values.password', before: null, after: null, secret: true },
          { property: 'id', after: null, computed: true },
        ],
      },
      { kind: 'delete', name: 'lama', changes: [{ property: 'menu', before: '/ip/pool', after: null }] },
    ]);
    expect(entries.counts).toEqual({ create: 1, update: 0, replace: 0, delete: 1, other: 0, same: 7, failed: 0 });
  });

  it('name what differs, also a secret that shows the same mask on both sides, and nothing else', () => {
    const { steps } = entriesOf(
      true,
      pre(
        metadata('update', 'ani', {
          old: state({ values: { name: 'ani', password: '[secret]', other: '[secret]', tags: ['a', 'b'] } }),
          new: state({ values: { name: 'ani', password: '[secret]', other: '[secret]', tags: ['a', 'c'] } }),
          detailedDiff: {
            'values.password': { diffKind: 'update', inputDiff: true },
            'values.tags[1]': { diffKind: 'update', inputDiff: true },
          },
        }),
      ),
    );
    expect(steps[0]?.changes).toEqual([
      { property: 'values.password', secret: true, computed: false, before: null, after: null },
      { property: 'values.tags[1]', secret: false, computed: false, before: 'b', after: 'c' },
    ]);
  });

  it('tell by its properties what differs in a fragment that is carried as one text', () => {
    const text = (address: string) => `lan /ip/address\naddress=${address}\ncomment="a\\nb"`;
    const { steps } = entriesOf(
      true,
      pre(
        metadata('update', 'rtr', {
          old: state({ fragments: ['x', text('10.73.8.1/24')] }),
          new: state({ fragments: ['x', text('10.73.8.2/24')] }),
          detailedDiff: { 'fragments[1]': { diffKind: 'update', inputDiff: true } },
        }),
      ),
      pre(metadata('create', 'baru', { new: state({ fragments: [text('10.73.8.3/24'), 'x'] }) })),
    );
    expect(steps[0]?.changes).toMatchObject([
      { property: 'fragments[1].values.address', before: '10.73.8.1/24', after: '10.73.8.2/24' },
    ]);
    expect(steps[1]?.changes.map(({ property, after }) => [property, after])).toEqual([
      ['fragments[0].key', 'lan'],
      ['fragments[0].subject', '/ip/address'],
      ['fragments[0].values.address', '10.73.8.3/24'],
      ['fragments[0].values.comment', 'a\nb'],
      ['fragments[1]', 'x'],
    ]);
  });

  it('follow a resource to its end, and say what it is at', () => {
    const step = metadata('update', 'rollout', { old: state({ n: 1 }), new: state({ n: 2 }), diffs: ['n'] });
    const { entries, steps } = entriesOf(false, pre(step), {
      diagnosticEvent: {
        urn: urnOf('rollout'),
        message: 'rollout 3 running: 1 of 2\n',
        severity: 'info',
        ephemeral: true,
      },
    });
    expect(steps).toMatchObject([
      { state: 'running', status: 'rollout 3 running: 1 of 2', changes: [{ property: 'n', before: '1', after: '2' }] },
    ]);
    entries.take(outputs(step));
    expect(entries.takeChanged()).toMatchObject([{ place: 0, entry: { state: 'done', status: null } }]);
    expect(entries.takeChanged()).toEqual([]);
  });

  it('make one step of a replacement, and one that failed stays so', () => {
    const old = state({ key: 'a' });
    const fresh = state({ key: 'b' });
    const detailedDiff = { key: { diffKind: 'update-replace', inputDiff: true } };
    const { steps, entries } = entriesOf(
      false,
      pre(metadata('delete-replaced', 'ani', { old, detailedDiff })),
      outputs(metadata('delete-replaced', 'ani', { old })),
      pre(metadata('replace', 'ani', { old, new: fresh, detailedDiff })),
      outputs(metadata('replace', 'ani', { old, new: fresh })),
      pre(metadata('create-replacement', 'ani', { old, new: fresh, detailedDiff })),
      { resOpFailedEvent: { metadata: metadata('create-replacement', 'ani') } },
    );
    expect(steps).toMatchObject([
      { kind: 'replace', state: 'failed', changes: [{ property: 'key', before: 'a', after: 'b' }] },
    ]);
    expect(entries.counts).toMatchObject({ replace: 1, failed: 1 });
  });

  it('show what a look has found to be otherwise, and what is done about it in its place', () => {
    const found = (op: string, name: string, old: object, fresh: object | null): readonly EngineEvent[] => [
      pre(metadata('refresh', name, { old: state({}, old), new: state({}, old) })),
      outputs(metadata(op, name, { old: state({}, old), new: fresh === null ? null : state({}, fresh) })),
    ];
    const { steps, entries } = entriesOf(
      true,
      ...found('update', 'lan', { address: '10.73.8.1/24' }, { address: '10.73.8.9/24' }),
      ...found('same', 'lain', { a: 1 }, { a: 1 }),
      ...found('delete', 'hilang', { a: 1 }, null),
    );
    expect(steps).toMatchObject([
      {
        kind: 'refresh',
        name: 'lan',
        changes: [{ property: 'address', before: '10.73.8.1/24', after: '10.73.8.9/24' }],
      },
      { kind: 'delete', name: 'hilang', changes: [] },
    ]);
    entries.take(
      pre(
        metadata('update', 'lan', {
          old: state({ address: '10.73.8.9/24' }),
          new: state({ address: '10.73.8.1/24' }),
          detailedDiff: { address: { diffKind: 'update', inputDiff: true } },
        }),
      ),
    );
    expect(entries.takeChanged()).toMatchObject([{ place: 0, entry: { kind: 'update' } }]);
  });

  it('leave out the stack itself, providers and components', () => {
    const { steps } = entriesOf(
      false,
      pre({ ...metadata('create', 'arung-kahu', { new: state({}) }), type: 'pulumi:pulumi:Stack' }),
      pre({ ...metadata('create', 'default', { new: state({}) }), type: 'pulumi:providers:arung' }),
      pre(metadata('create', 'desa', { new: { custom: false, inputs: {}, outputs: {} } })),
    );
    expect(steps).toEqual([]);
  });

  it('keep what was said, with who said it and how grave it is', () => {
    const { all } = entriesOf(
      true,
      {
        diagnosticEvent: {
          urn: urnOf('lan'),
          prefix: '<{%fg 1%}>error: ',
          message: 'salah<{%reset%}>\n',
          severity: 'error',
        },
      },
      { diagnosticEvent: { message: 'dua\n', severity: 'info#err' } },
      { stdoutEvent: { message: 'tiga' } },
      { diagnosticEvent: { message: ' \n', severity: 'info' } },
    );
    expect(all).toEqual([
      { entry: 'message', severity: 'error', resource: 'lan', text: 'salah' },
      { entry: 'message', severity: 'info', resource: null, text: 'dua' },
      { entry: 'message', severity: 'info', resource: null, text: 'tiga' },
    ]);
  });

  it('leave out what is for debugging, in which Pulumi masks no secret', () => {
    const said = { prefix: 'debug: ', message: 'resp: password,,,kenari', severity: 'debug' };
    expect(entriesOf(false, { diagnosticEvent: said }, { diagnosticEvent: { message: 'x' } }).all).toEqual([]);
  });

  it('are bounded, and say how many were left out', () => {
    const { entries, changed } = entriesOf(
      true,
      ...Array.from({ length: entryBounds.entries + 5 }, (_, n) => ({ stdoutEvent: { message: `baris ${n}` } })),
    );
    expect(changed).toHaveLength(entryBounds.entries);
    expect(entries.left).toBe(5);
    const long = entriesOf(
      true,
      ...Array.from({ length: 600 }, () => ({ stdoutEvent: { message: 'x'.repeat(20_000) } })),
    );
    const characters = long.all.reduce((sum, entry) => sum + (entry.entry === 'message' ? entry.text.length : 0), 0);
    expect(characters).toBeLessThanOrEqual(entryBounds.characters);
    expect(long.entries.left).toBeGreaterThan(0);
  });

  it('bear any event: a program that lies breaks nothing', () => {
    const lies: unknown[] = [
      {},
      { resourcePreEvent: null },
      { resourcePreEvent: {} },
      { resourcePreEvent: { metadata: { op: 7, urn: {}, type: [], new: 'x' } } },
      { resourcePreEvent: { metadata: { op: '__proto__', urn: 'x', type: 'y', new: { custom: true, inputs: [1] } } } },
      { resOutputsEvent: { metadata: { op: 'refresh', urn: 'x', type: 'y', old: { custom: true }, new: 7 } } },
      { diagnosticEvent: { message: { a: 1 }, severity: 9, ephemeral: true } },
      { summaryEvent: { resourceChanges: { same: 'many' } } },
      pre(metadata('update', '__proto__', { old: state({}), new: state({}), detailedDiff: { 'a["b"].c[0]': null } })),
    ];
    expect(() => entriesOf(false, ...(lies as EngineEvent[]))).not.toThrow();
  });
});
