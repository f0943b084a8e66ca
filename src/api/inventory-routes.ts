import type { Inventory } from '../inventory/inventory.ts';
import { agentRoutes } from './agents.ts';
import { boundaryRoutes } from './boundaries.ts';
import { calendarRoutes } from './calendars.ts';
import { contactRoutes } from './contacts.ts';
import { credentialRoutes } from './credentials.ts';
import { deviceRoutes } from './devices.ts';
import { interfaceRoutes } from './interfaces.ts';
import { inventoryFileRoutes } from './inventory.ts';
import { linkRoutes } from './links.ts';
import { maintenanceRoutes } from './maintenance.ts';
import { mapRoutes } from './map.ts';
import { regionRoutes } from './regions.ts';
import type { RouteGroup } from './routes.ts';
import { searchRoutes } from './search.ts';
import { serviceRoutes, type ServiceStates } from './services.ts';
import { sharedRiskRoutes } from './shared-risks.ts';
import { siteRoutes } from './sites.ts';
import type { StateReader } from './state-reader.ts';
import { StateView } from './state-view.ts';
import { topologyIndex } from './topology-index.ts';

/** Every route of the inventory; live state comes from the status board. */
export function inventoryRoutes(options: {
  readonly inventory: Inventory;
  readonly live: StateReader;
  readonly services: ServiceStates;
}): readonly RouteGroup[] {
  const { inventory, live, services } = options;
  const { regions, catalogue, sites, devices, interfaces, links, knowledge } = inventory;
  const states = new StateView({ states: live, topology: inventory.topology });
  const index = topologyIndex(inventory.topology);
  return [
    regionRoutes({ regions, catalogue }),
    siteRoutes({ sites, states, index }),
    deviceRoutes({ devices, states, live, index }),
    interfaceRoutes({ devices, interfaces, knowledge, live }),
    linkRoutes({ links, states, live, index }),
    sharedRiskRoutes(inventory.sharedRisks),
    calendarRoutes(inventory.calendars),
    contactRoutes(inventory.contacts),
    credentialRoutes(inventory.credentials),
    serviceRoutes({ services: inventory.services, states: services, topology: inventory.topology }),
    agentRoutes(inventory.agents),
    maintenanceRoutes(inventory.maintenance),
    inventoryFileRoutes(inventory),
    boundaryRoutes(inventory.boundaries),
    searchRoutes(inventory.search),
    mapRoutes({ regions, index }),
  ];
}
