import { Type, type Static, type TSchema } from 'typebox';
import { intentBounds } from '../domain/intent.ts';
import { Place, PlaceKey, Scope } from '../domain/place.ts';
import { Said } from '../domain/rollout.ts';
import { templateNamePattern, type TemplateSource } from '../domain/template.ts';
import type { SeenTemplate, TemplateDraft } from '../provisioning/templates/template-book.ts';
import {
  templateDeviceStates,
  type TemplateDeviceState,
  type WouldBe,
} from '../provisioning/templates/template-preview.ts';
import type { SourcedFragment } from '../provisioning/intent/fragment-sources.ts';
import type { RolloutPreview } from '../provisioning/rollouts/rollouts.ts';
import { BlastView, blastView, DocumentView, FragmentInput } from './provisioning-schemas.ts';

const maybe = <T extends TSchema>(type: T) => Type.Union([type, Type.Null()]);
const mostPlaces = 500;

export const TemplateName = Type.String({ pattern: templateNamePattern, examples: ['dasar-router'] });
const driver = FragmentInput.properties.driver;

/** A template as it is written: all of it. */
export const TemplateInput = Type.Object(
  {
    name: TemplateName,
    note: Type.Optional(Type.String({ maxLength: 500, pattern: '^[^\\u0000]*$', description: 'What it is for.' })),
    driver,
    fragments: Type.Array(
      Type.Object(
        {
          key: Type.String({ maxLength: 64, examples: ['jam'] }),
          subject: FragmentInput.properties.subject,
          values: FragmentInput.properties.values,
          secret: FragmentInput.properties.secret,
          order: FragmentInput.properties.order,
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: intentBounds.fragments },
    ),
    places: Type.Array(Type.Object({ scope: Scope, key: Type.Optional(PlaceKey) }, { additionalProperties: false }), {
      maxItems: mostPlaces,
      description:
        'Where it holds. Nowhere: it is kept and says nothing; who may configure all of the network writes such a one.',
    }),
  },
  {
    additionalProperties: false,
    examples: [
      {
        name: 'dasar-router',
        note: 'Jam dan pengawasan semua router',
        driver: 'routeros',
        fragments: [
          {
            key: 'jam',
            subject: '/system/ntp/client',
            values: { enabled: 'yes', servers: '{{variable:ntp-server}}' },
          },
        ],
        places: [{ scope: 'group', key: 'role:router' }],
      },
    ],
  },
);

export function draftOf({ note = '', fragments, places, ...rest }: Static<typeof TemplateInput>): TemplateDraft {
  return {
    ...rest,
    note,
    fragments: fragments.map(({ secret = [], order = 0, ...one }) => ({ ...one, secret, order })),
    places: places.map(({ scope, key = '' }) => ({ scope, key })),
  };
}

const Fragment = Type.Object({ ...DocumentView.properties.fragments.items.properties, order: Type.Integer() });

export const TemplateView = Type.Object({
  id: Type.String(),
  name: TemplateName,
  note: Type.String(),
  driver: Type.String(),
  fragments: Type.Array(Fragment, {
    description: 'Secrets are named and have no value, unless a variable is all of it.',
  }),
  places: Type.Array(Place),
  placesElsewhere: Type.Integer({ description: 'How many more there are outside your regions.' }),
  changedAt: Type.String({ format: 'date-time' }),
  changedBy: Type.String(),
});
export type TemplateView = Static<typeof TemplateView>;

export const SourceView = Type.Object({ template: TemplateName, place: Place });

export const TemplateDeviceView = Type.Object({
  deviceId: Type.String(),
  device: Type.String({ examples: ['rtr-kahu-01'] }),
  siteId: Type.String(),
  site: Type.String(),
  region: Type.String(),
  state: Type.Unsafe<TemplateDeviceState>(
    Type.Enum([...templateDeviceStates], {
      description:
        '`right`: on the device. `pending`: staged, not rolled out. `stale`: staged again it would be another version. `unmanaged`: only templates say anything of it, and it was not staged yet. `refused`: it cannot be staged so.',
    }),
  ),
  from: maybe(Place),
  added: Type.Array(Type.String()),
  changed: Type.Array(Type.String()),
  removed: Type.Array(Type.String()),
  hidden: Type.Array(Type.Object({ key: Type.String(), owner: maybe(Type.String()), by: maybe(SourceView) }), {
    description: 'Fragments of the template that it does not get, and who says them instead.',
  }),
  error: maybe(Said),
});
export type TemplateDeviceView = Static<typeof TemplateDeviceView>;

export const TemplateDevicesView = Type.Object({
  items: Type.Array(TemplateDeviceView),
  waves: Type.Array(Type.Object({ devices: Type.Array(Type.String()), worst: BlastView }), {
    description: 'In which waves those that would change could be rolled out, and what each cuts at worst.',
  }),
  refusal: maybe(Said),
});
export type TemplateDevicesView = Static<typeof TemplateDevicesView>;

export const SourcedFragmentView = Type.Object({
  ...DocumentView.properties.fragments.items.properties,
  owner: maybe(Type.String({ description: 'Who says it of this device; null: a template does.' })),
  template: maybe(SourceView),
  hides: Type.Array(SourceView, { description: 'Templates that say the same key and do not count here.' }),
  variables: Type.Record(Type.String(), Type.Array(Type.String()), {
    description: 'Variables that were put into its values, by property.',
  }),
});
export type SourcedFragmentView = Static<typeof SourcedFragmentView>;

export function templateView({ fragments, places, changedAt, ...template }: SeenTemplate): TemplateView {
  return {
    ...template,
    fragments: fragments.map((one) => ({ ...one, secret: [...one.secret] })),
    places: [...places],
    changedAt: new Date(changedAt).toISOString(),
  };
}

export function devicesView(devices: readonly WouldBe[], { waves, refusal }: RolloutPreview): TemplateDevicesView {
  return {
    items: devices.map((one) => ({
      ...one,
      added: [...one.added],
      changed: [...one.changed],
      removed: [...one.removed],
      hidden: [...one.hidden],
    })),
    waves: waves.map((wave) => ({ devices: [...wave.devices], worst: blastView(wave.worst) })),
    refusal,
  };
}

export function sourcedView({ secret, hides, variables, ...fragment }: SourcedFragment): SourcedFragmentView {
  return {
    ...fragment,
    secret: [...secret],
    hides: hides.map((one: TemplateSource) => ({ ...one })),
    variables: Object.fromEntries(Object.entries(variables).map(([name, names]) => [name, [...names]])),
  };
}
