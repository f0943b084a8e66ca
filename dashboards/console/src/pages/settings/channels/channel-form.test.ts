import { describe, expect, it } from 'vitest';
import { channelKinds } from '../../../../../../src/alerting/channels/channels.ts';
import { en } from '../../../i18n/en.ts';
import { id } from '../../../i18n/id.ts';
import { fieldsOf, settingsOf, typedOf } from './channel-form.ts';

const kindOf = (name: string) => {
  const found = channelKinds.find(({ kind }) => kind === name);
  if (found === undefined) throw new Error(`no kind ${name}`);
  return found;
};

describe('the form of a channel', () => {
  it('asks for every setting and secret of every kind by name, in both languages', () => {
    const missing = channelKinds.flatMap(({ kind, settings, secrets }) =>
      [...fieldsOf(settings), ...fieldsOf(secrets, true)].flatMap(({ path }) =>
        [id, en].some((texts) => !(`channel.field.${kind}.${path}` in texts) && !(`channel.field.${path}` in texts))
          ? [`${kind} ${path}`]
          : [],
      ),
    );
    expect(missing).toEqual([]);
    for (const { kind } of channelKinds) {
      for (const texts of [id, en]) expect(texts).toHaveProperty([`channel.kind.${kind}`]);
      for (const texts of [id, en]) expect(texts).toHaveProperty([`channel.about.${kind}`]);
    }
  });

  it('knows what is a number, a choice, a text of many lines, what must be given, and what is usual', () => {
    const fields = new Map(fieldsOf(kindOf('email').settings).map((field) => [field.path, field]));
    expect(fields.get('port')).toMatchObject({ type: 'number', standard: '587', min: 1, max: 65_535 });
    expect(fields.get('security')).toMatchObject({ type: 'choice', options: ['tls', 'starttls', 'none'] });
    expect(fields.get('host')).toMatchObject({ type: 'text', required: true, example: 'mail.bone.go.id' });
    expect(fields.get('user')?.required).toBe(false);
    expect(fieldsOf(kindOf('syslog').settings).find(({ path }) => path === 'ca')?.type).toBe('lines');
    expect(fieldsOf(kindOf('telegram').secrets, true)).toMatchObject([
      { path: 'token', type: 'secret', required: true },
    ]);
  });

  it('takes the example of every field that has a form, held against the whole of it as browsers do', () => {
    const held = channelKinds.flatMap(({ settings }) =>
      fieldsOf(settings).flatMap(({ pattern, example }) =>
        pattern === undefined || example === ''
          ? []
          : [new RegExp(`^(?:${pattern})$`).test(example) ? 'fits' : example],
      ),
    );
    expect(held.length).toBeGreaterThan(8);
    expect(held.filter((one) => one !== 'fits')).toEqual([]);
    const url = fieldsOf(kindOf('webhook').settings).find(({ path }) => path === 'url');
    expect(new RegExp(`^(?:${url?.pattern})$`).test('ftp://ops.example')).toBe(false);
  });

  it('gives back the settings that were kept, and leaves out what was emptied', () => {
    const { settings: schema } = kindOf('whatsapp');
    const fields = fieldsOf(schema);
    const kept = {
      phoneNumberId: '106540352242922',
      template: { id: 'arung_insiden', en: 'arung_incident' },
      buttons: 2,
      apiVersion: 'v23.0',
      apiRoot: 'https://graph.example',
    };
    const typed = typedOf(fields, kept, false);
    expect(settingsOf(fields, typed)).toEqual(kept);
    const { apiRoot: _, ...without } = kept;
    expect(settingsOf(fields, { ...typed, apiRoot: '  ' })).toEqual(without);
  });

  it('begins a new channel with what is usual, and never fills in what somebody left empty before', () => {
    const fields = fieldsOf(kindOf('email').settings);
    expect(typedOf(fields, {}, true)).toMatchObject({ port: '587', security: 'starttls', host: '' });
    expect(typedOf(fields, {}, false)).toMatchObject({ port: '' });
  });

  it('keeps a secret as it was typed, with its spaces', () => {
    const fields = fieldsOf(kindOf('email').secrets, true);
    expect(settingsOf(fields, { password: ' rahasia ' })).toEqual({ password: ' rahasia ' });
    expect(settingsOf(fields, { password: '' })).toEqual({});
  });
});
