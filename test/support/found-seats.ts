/** What stands in an airline's seat map, found without knowing how such maps are made. */
export interface FoundSeats {
  /** Designators of seats, in the order of the file. */
  readonly seats: string[];
  /** Minor units by designator, of the seats that have a price: the lowest where there are several. */
  readonly prices: Map<string, number>;
  restricted: number;
}

/** Looks for seats anywhere in the JSON, knowing nothing of cabins and rows. */
export function searchSeats(json: unknown, found: FoundSeats = { seats: [], prices: new Map(), restricted: 0 }): FoundSeats {
  if (typeof json !== 'object' || json === null) return found;
  const { type, designator, available_services: services } = json as Record<string, unknown>;
  if (typeof designator === 'string') {
    found.seats.push(designator);
    const amounts = (services as { total_amount: string }[]).map(({ total_amount }) => Math.round(Number.parseFloat(total_amount) * 100));
    if (amounts.length > 0) found.prices.set(designator, Math.min(...amounts));
  }
  if (type === 'restricted_seat_general') found.restricted += 1;
  for (const value of Object.values(json)) searchSeats(value, found);
  return found;
}
