import { resolve } from 'node:path';
import type { Arena } from '../arena.ts';
import { type CrudName, startCrudSide, startEchoSide, startRedisLockSide } from '../sides/crud/sides.ts';
import { type HoldfastSide, startHoldfastSide } from '../sides/holdfast.ts';
import type { HttpSide } from '../sides/http-side.ts';

export interface Sides {
  readonly holdfast: HoldfastSide;
  /** Holdfast first. */
  readonly all: readonly HttpSide[];
  remarks(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

type OtherName = CrudName | 'express-echo' | 'node-http';

/** A request whose answer the echoes give. It is sent to Holdfast once all sides serve. */
export type Sample = (holdfast: HoldfastSide) => Promise<Response>;

/** Starts Holdfast, another checkout of it if one was named, and the others in the order of their names. */
export async function startSides(arena: Arena, names: readonly OtherName[], sample: Sample): Promise<Sides> {
  const all: HttpSide[] = [];
  const stop = async () => void (await Promise.all(all.map((side) => side.stop())));
  try {
    const holdfast = await startHoldfastSide(arena);
    all.push(holdfast);
    const { beside, only } = arena.settings;
    if (beside !== null) all.push(await startHoldfastSide(arena, `Holdfast of ${beside}`, resolve(beside)));
    const wanted = names.filter((name) => only === null || only.includes(name));
    const echo = wanted.some(isEcho) ? await echoOf(await sample(holdfast)) : null;
    for (const name of wanted) {
      const side = isEcho(name)
        ? await startEchoSide(name, echo as NonNullable<typeof echo>)
        : name === 'redis-lock'
          ? await startRedisLockSide(arena)
          : await startCrudSide(arena, name);
      if (side !== null) all.push(side);
    }
    return { holdfast, all, stop, remarks: async () => (await Promise.all(all.map((side) => side.remarks()))).flat() };
  } catch (error) {
    await stop();
    throw error;
  }
}

function isEcho(name: OtherName): name is 'express-echo' | 'node-http' {
  return name === 'express-echo' || name === 'node-http';
}

/** Headers that a server makes by itself are not echoed. */
const OWN_HEADERS = new Set(['connection', 'date', 'keep-alive', 'content-length']);

async function echoOf(response: Response) {
  const body = await response.text();
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !OWN_HEADERS.has(name)));
  return { status: response.status, headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) }, body };
}

/** A hold of a show of its own, as the loads ask for it. */
export async function sampleHold({ url, openShows }: HoldfastSide): Promise<Response> {
  await openShows(['sample'], 100);
  return postHold(url, 'sample', 'S7');
}

/** The refusal of a seat that is gone. */
export async function sampleRefusal(holdfast: HoldfastSide): Promise<Response> {
  await sampleHold(holdfast);
  return postHold(holdfast.url, 'sample', 'S7');
}

export function postHold(url: string, show: string, unitId: string): Promise<Response> {
  return fetch(`${url}/api/v1/slots/${show}/bookings`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': `${show}-${unitId}-${performance.now()}` },
    body: JSON.stringify({ customerId: 'c-17', units: [unitId] }),
  });
}
