import { randomUUID } from 'node:crypto';
import type { KeyedRequest, KnownKey, RequestKeys } from './request-keys.ts';

interface Row extends KnownKey {
  readonly holders: number;
  readonly reservedAt: number;
}

/** Keys that live and die with the process. @param clock in epoch milliseconds. */
export function createMemoryRequestKeys(clock: () => number): RequestKeys {
  const rows = new Map<string, Row>();
  const held = (commandId: string, reservation: string): Row | null => {
    const row = rows.get(commandId);
    return row?.reservation === reservation && row.answer === null ? row : null;
  };

  function put({ commandId, bodyHash, slotId }: KeyedRequest, reservation: string, holders: number): string {
    rows.set(commandId, { commandId, bodyHash, slotId, reservation, holders, reservedAt: clock(), answer: null });
    return reservation;
  }

  return {
    reserve: async (request) => {
      const row = rows.get(request.commandId);
      if (row === undefined) return put(request, randomUUID(), 1);
      if (row.bodyHash !== request.bodyHash || row.answer !== null) return null;
      return put(request, row.reservation, row.holders + 1);
    },
    find: async (commandId) => {
      const row = rows.get(commandId);
      if (row === undefined) return null;
      const { bodyHash, slotId, reservation, answer } = row;
      return { commandId, bodyHash, slotId, reservation, answer };
    },
    takeOver: async ({ commandId, reservation }, request, unusedForMs) => {
      const row = held(commandId, reservation);
      if (row === null || (row.holders > 0 && row.reservedAt > clock() - unusedForMs)) return null;
      return put(request, randomUUID(), 1);
    },
    release: async (commandId, reservation) => {
      const row = held(commandId, reservation);
      if (row === null) return;
      if (row.holders > 1) rows.set(commandId, { ...row, holders: row.holders - 1 });
      else rows.delete(commandId);
    },
    bind: async (commandId, reservation, answer) => {
      const row = held(commandId, reservation);
      if (row !== null) rows.set(commandId, { ...row, answer });
      return row !== null;
    },
    forget: async (olderThanMs, limit) => {
      const latest = clock() - olderThanMs;
      const old = [...rows.values()].filter(({ slotId, reservedAt }) => slotId === null && reservedAt <= latest);
      const oldest = old.sort((one, other) => one.reservedAt - other.reservedAt).slice(0, limit);
      for (const { commandId } of oldest) rows.delete(commandId);
      return oldest.length;
    },
  };
}
