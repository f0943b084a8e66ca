import { Type, type Static } from 'typebox';
import { Calendar } from '../domain/site.ts';
import { CalendarDraft, type Calendars } from '../inventory/calendars.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { PageQuery, Text } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const words = { path: '/calendars', tag: 'calendars', noun: 'calendar', keyIs: 'id or name' } as const;
const query = Type.Object({ ...PageQuery, q: Text });

/** Office and attendance hours. */
export function calendarRoutes(calendars: Calendars): RouteGroup {
  const toView = (calendar: Calendar) => calendar;
  return (app) => {
    listRoute(app, words, {
      view: Calendar,
      query,
      list: (access, { q, ...page }: Static<typeof query>) => calendars.list(access, { q, page }),
    });
    getRoute(app, words, { view: Calendar, collection: calendars, toView });
    writeRoutes(app, words, {
      view: Calendar,
      draft: CalendarDraft,
      collection: calendars,
      toView,
      example: {
        name: 'Jam kantor Pemkab Bone',
        timeZone: 'Asia/Makassar',
        windows: [{ purpose: 'office', weekdays: [1, 2, 3, 4, 5], from: '08:00', to: '16:00' }],
      },
    });
  };
}
