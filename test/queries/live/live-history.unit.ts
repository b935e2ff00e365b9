import { expect } from 'chai';
import type { Axis, SpanRequest } from '../../../src/domain/axis.ts';
import { LayoutReader } from '../../../src/eventstore/layout-reader.ts';
import { renderSeat, renderSummary } from '../../../src/http/render.ts';
import { inventory } from '../../../src/projections/inventory/inventory.ts';
import { KeptSlot } from '../../../src/queries/memory/kept-slot.ts';
import { seatMapOf } from '../../../src/queries/seats.ts';
import { summaryOf } from '../../../src/queries/slot.ts';
import { unitsOverSpan } from '../../../src/queries/slot-units.ts';
import type { Json } from '../../support/api.ts';
import { Client, type HubSide, plain, saidOf, startHubSide } from '../../support/live-hub.ts';
import type { LiveMap } from '../../support/live-map.ts';
import { RandomHistory } from '../../support/random-history.ts';
import { HOUR, NOW, stops } from '../../support/slot-builders.ts';

const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const EVENTS = Number(process.env.HOLDFAST_EVENTS ?? 2_000);
const WATCHED = 8;
const EVENTS_A_ROUND = 40;

const SPANS: Readonly<Record<Axis['type'], readonly (SpanRequest | null)[]>> = {
  whole: [null],
  stops: [null, stops(0, 1), stops(1, 3)],
  time: [
    { from: NOW + 20 * HOUR, to: NOW + 23 * HOUR },
    { from: NOW + 10 * HOUR, to: NOW + 30 * HOUR },
  ],
};

/** A slot over a span that is watched from its early days on. */
interface Watched {
  readonly slotId: string;
  readonly span: SpanRequest | null;
  readonly client: Client;
  readonly since: number;
}

interface Said {
  readonly slot: Json;
  readonly units: readonly Json[];
}

/** What a read would have said of the slot at each of its versions, made without anything that watches. */
async function saidAtEachVersion({ store }: HubSide, slotId: string, span: SpanRequest | null): Promise<readonly (Said | null)[]> {
  const layouts = new LayoutReader(store);
  const kept = await KeptSlot.of(slotId, { rows: null, position: 0, projection: inventory }, Number.NEGATIVE_INFINITY, layouts);
  const said: (Said | null)[] = [null];
  for (const record of await store.readStream(`slot-${slotId}`, 1, 5_000)) {
    await kept.apply([record]);
    const { rows } = kept;
    const made = rows === null ? null : unitsOverSpan(rows.slot, span, NOW, () => kept.unitsOf(rows, false));
    if (rows === null || made?.kind !== 'over') throw new Error(`${slotId} cannot be read at ${record.version}`);
    const units = seatMapOf(made.over).units.map(renderSeat);
    said.push(
      plain({
        slot: renderSummary(summaryOf(rows.slot, NOW)),
        units: units.sort((a, b) => (String(a.unitId) < String(b.unitId) ? -1 : 1)),
      }),
    );
  }
  return said;
}

function expectMap(map: LiveMap, said: Said, what: string): void {
  const { version, counts } = said.slot;
  expect({ version: map.version, counts: map.counts, units: map.units }, what).to.deep.equal({ version, counts, units: said.units });
  const described = (slot: Json | null) => ({ ...slot, version: 0, counts: null });
  expect(described(map.slot), what).to.deep.equal(described(said.slot));
}

/** A client as it was at the version. */
function clientAt(said: Said | null): Client {
  const client = new Client();
  if (said === null) return client;
  client.map.version = Number(said.slot.version);
  client.map.slot = said.slot;
  client.map.counts = said.slot.counts as Json;
  for (const unit of said.units) client.map.seats.set(String(unit.unitId), unit);
  return client;
}

describe(`watched slots through a random history (seed ${SEED})`, function () {
  this.timeout(120_000);
  const watched: Watched[] = [];
  let side: HubSide;

  before(async () => {
    side = await startHubSide();
    const history = new RandomHistory(side.store, SEED);
    const begin = await history.grow(EVENTS_A_ROUND);
    await side.follower.waitFor(begin, 5_000);
    for (let number = 1; number <= WATCHED; number += 1) {
      const slotId = `slot${number}`;
      const { axis } = (await side.queries.slot(slotId)).value!;
      for (const span of SPANS[axis.type]) {
        const client = await side.watch(slotId, { span });
        watched.push({ slotId, span, client, since: client.map.version });
      }
    }
    for (let events = 0; events < EVENTS; events += EVENTS_A_ROUND) {
      // Every fourth round all are told before it goes on; between the others they are told several rounds at once.
      const position = await history.grow(EVENTS_A_ROUND);
      if (events % (4 * EVENTS_A_ROUND) === 0) await side.follower.waitFor(position, 5_000);
    }
    for (const { slotId, client } of watched) {
      const head = await side.store.readStream(`slot-${slotId}`, 1, 5_000);
      if (!client.ended) await side.reached(client, client.ended ? 0 : head.length).catch(() => undefined);
    }
  });
  after(async () => {
    await side.close();
    expect(side.errors).to.deep.equal([]);
  });

  it('are told as reads say them', async () => {
    for (const { slotId, span, client } of watched) {
      const said = await saidAtEachVersion(side, slotId, span);
      const upTo = client.ended ? client.map.version : said.length - 1;
      expectMap(client.map, said[upTo]!, `${slotId} at ${upTo}`);
      expect(client.map.timesCame('reset'), slotId).to.equal(1);
      if (client.ended) expect(client.map.byeReason).to.equal('slot-over');
      else expect(await saidOf(side.queries, slotId, span)).to.deep.equal(said[upTo]);
    }
  });

  it('are told, to whoever comes back with any version that there ever was, as they are now', async () => {
    let resumed = 0;
    let anew = 0;
    for (const { slotId, span, client, since } of watched.filter(({ client: { ended } }) => !ended)) {
      const said = await saidAtEachVersion(side, slotId, span);
      for (const [version, before] of said.entries()) {
        const back = clientAt(before);
        const answer = await side.open(slotId, { span, version });
        if (answer.kind !== 'open') throw new Error(`${slotId} cannot be watched: ${JSON.stringify(answer)}`);
        back.watches(answer.begin(back));
        expectMap(back.map, said.at(-1)!, `${slotId} ${JSON.stringify(span)} from ${version}`);
        const needsAll = back.map.timesCame('reset') > 0;
        expect(needsAll, `${slotId} from ${version}, watched since ${since}`).to.equal(version < since);
        if (needsAll) anew += 1;
        else resumed += 1;
        back.leave();
      }
      client.leave();
    }
    console.log(`        came back ${resumed + anew} times, ${anew} of them to the whole state`);
    expect(resumed).to.be.greaterThan(anew);
  });
});
