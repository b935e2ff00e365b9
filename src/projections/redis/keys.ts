/** How long a fill may take before another may begin, in milliseconds: a filler that died is replaced. */
export const REGISTRATION_MS = 5_000;
/**
 * How long a slot stays without being filled anew, in milliseconds. It is kept right by its events; this
 * removes what nobody asks for, builds that are no more, and claims that are over on the time axis.
 */
export const SLOT_MS = 24 * 3_600_000;
/** The same for a slot that is not there: anybody may ask for any name. */
export const ABSENT_MS = 10 * 60_000;
/** Layouts never change. */
export const LAYOUT_MS = 7 * 24 * 3_600_000;

/** The names of a build's keys. Each script touches one key alone, and the hash tag tells a cluster where it belongs. */
export interface InventoryKeys {
  /** How far the build was fed: `<epoch>/<log position>`. */
  readonly position: string;
  slot(slotId: string): string;
}

/** @param namespace begins all keys of one log, so that two that share a Redis never read each other's. */
export function inventoryKeys(namespace: string, build: number): InventoryKeys {
  const prefix = `${namespace}:inventory:b${build}`;
  return { position: `${prefix}:position`, slot: (slotId) => `${prefix}:{${slotId}}` };
}

export function layoutKey(namespace: string, layoutId: string): string {
  return `${namespace}:layout:{${layoutId}}`;
}
