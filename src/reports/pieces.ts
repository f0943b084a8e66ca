import { sql, type RawBuilder } from 'kysely';

export type CountedKind = 'device' | 'site' | 'service';

/**
 * The common tables that a report begins with, for a period `[from, to)`:
 * - `entity_lived (entity_id, code, name, site_name, region_code, span)`: when each was there, and where. A site counts
 *   while it is active and has devices; a device or service while its site is active.
 * - `pieces (entity_id, what, span)`: what is said of each, `what` being planned, unknown, down or unreachable. Pieces
 *   may overlap and reach out of the period; who adds them up makes sets of them.
 *
 * Only of things that were `within` it are there pieces; planned work of devices that are causes is looked up everywhere.
 *
 * Planned is what a maintenance window covers (of the thing, its site or a region around it), what was recorded as
 * maintenance, and a dark time whose cause is a device that was in planned work then.
 */
export function entityPieces(request: {
  kind: CountedKind;
  from: Date;
  to: Date;
  /** A condition on `region_code`. */
  within: RawBuilder<boolean>;
}): RawBuilder<unknown> {
  const { kind, from, to, within } = request;
  const period = sql`tstzrange(${from}::timestamptz, ${to}::timestamptz)`;
  const own = sql.lit(kind);
  return sql`
    site_active as materialized (
      select entity_id as site_id, lifetimes.code, lifetimes.name,
        coalesce(regions.code, lifetimes.region_code) as region_code,
        tstzrange(valid_from, valid_to) * ${period} as span
      from lifetimes left join regions on regions.id = lifetimes.region_id
      where entity_kind = 'site' and valid_from < ${to} and valid_to > ${from}
    ),
    device_lived as materialized (
      select device.entity_id, device.code, device.name, site.name as site_name, site.site_id, site.region_code,
        tstzrange(device.valid_from, device.valid_to) * site.span as span
      from lifetimes device join site_active site on site.site_id = device.site_id
      where device.entity_kind = 'device' and tstzrange(device.valid_from, device.valid_to) && site.span
    ),
    entity_lived as materialized (select * from (${livedOf(kind)}) everywhere where ${within}),
    windows as materialized (
      select maintenance.device_id, maintenance.site_id, regions.code as region_code,
        tstzrange(starts_at, ends_at) as span
      from maintenance left join regions on regions.id = maintenance.region_id
      where starts_at < ${to} and ends_at > ${from}
    ),
    told as materialized (
      -- offset 0: the period is read by its index at once, and not thing by thing
      select * from (
        select entity_id, state, tstzrange(since, until) as span,
          case when cause ->> 'kind' = 'device' then cause ->> 'id' end as cause_device
        from status_intervals where entity_kind = ${own} and since < ${to} and until > ${from} offset 0
      ) everywhere where entity_id in (select entity_id from entity_lived)
    ),
    device_planned as materialized (
      select entity_id, range_agg(span) as spans from (
        ${windowsOver('device_lived')}
        union all
        select entity_id, tstzrange(since, until) from status_intervals
        where entity_kind = 'device' and state = 'maintenance' and since < ${to} and until > ${from}
      ) planned group by 1
    ),
    pieces as (
      select entity_id, case state when 'maintenance' then 'planned' else state end as what, span
      from told
      union all
      select entity_id, 'planned', span from (${windowsOver('entity_lived')}) windowed
      union all
      select told.entity_id, 'planned', unnest(told.span::tstzmultirange * device_planned.spans)
      from told join device_planned
        on device_planned.entity_id::text = told.cause_device and device_planned.spans && told.span
      where told.state in ('down', 'unreachable')
    )`;
}

function livedOf(kind: CountedKind): RawBuilder<unknown> {
  switch (kind) {
    case 'device':
      return sql`select * from device_lived`;
    case 'site':
      return sql`
        select site.site_id as entity_id, site.code, site.name, site.name as site_name, site.site_id, site.region_code,
          unnest(range_agg(device.span)) as span
        from site_active site join device_lived device on device.site_id = site.site_id and device.span && site.span
        group by site.site_id, site.code, site.name, site.region_code, site.span`;
    case 'service':
      return sql`
        select service.entity_id, service.code, service.name, site.name as site_name, site.site_id, site.region_code,
          tstzrange(service.valid_from, service.valid_to) * site.span as span
        from lifetimes service join site_active site on site.site_id = service.site_id
        where service.entity_kind = 'service' and tstzrange(service.valid_from, service.valid_to) && site.span`;
  }
}

/** `(entity_id, span)`: what windows cover of each; by equalities alone, so that thousands of windows stay cheap. */
function windowsOver(lived: 'device_lived' | 'entity_lived'): RawBuilder<unknown> {
  const from = sql.table(lived);
  return sql`
    select lived.entity_id, lived.span * windows.span as span
    from ${from} lived join windows on windows.device_id = lived.entity_id
    union all
    select lived.entity_id, lived.span * windows.span
    from ${from} lived join windows on windows.site_id = lived.site_id
    union all
    select lived.entity_id, lived.span * windows.span
    from ${from} lived
      cross join lateral (
        select distinct left(lived.region_code, length) as code from unnest(array[2, 5, 8, 13]) length
      ) around
      join windows on windows.region_code = around.code`;
}
