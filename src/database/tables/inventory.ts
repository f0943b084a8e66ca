/** Regions, sites, devices, links and what belongs to them. */
// oxlint-disable-next-line typescript/no-empty-object-type
export interface InventoryTables {}
