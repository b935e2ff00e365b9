import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { NewEvent } from '../../../src/eventstore/event-store.ts';
import { encodePosition } from '../../../src/http/position.ts';
import { ViewsUnavailableError } from '../../../src/queries/answers.ts';
import { LiveHub } from '../../../src/queries/live/live-hub.ts';
import { Client, type HubSide, saidOf, startHubSide } from '../../support/live-hub.ts';
import { append, appendRaw, type Happened, recorded } from '../../support/read-side.ts';
import { cancelled, claim, confirmed, ENDS, HOUR, held, NOW, opened, seat, seatsHeld } from '../../support/slot-builders.ts';
import { waitFor, waitUntil } from '../../support/wait-until.ts';

const A1 = [claim('A1')];
const A2 = [claim('A2')];
const CLOSED: Happened = { type: 'SlotClosed', reason: null };
const REOPENED: Happened = { type: 'SlotReopened', reason: null };

let side: HubSide;

async function end(): Promise<void> {
  await side.close();
  expect(side.errors).to.deep.equal([]);
}

async function begin(options: Parameters<typeof startHubSide>[0] = {}): Promise<void> {
  side = await startHubSide(options);
  await tell([opened()]);
}

/** Appends to a slot's stream, and waits until memory has it. */
async function tell(events: readonly Happened[], slotId = 'hamlet'): Promise<void> {
  await side.follower.waitFor(await append(side.store, `slot-${slotId}`, events), 5_000);
}

/** Appends each list for itself, and lets all of them come at once. */
async function tellAtOnce(...lists: readonly (readonly Happened[])[]): Promise<void> {
  side.store.stopFeed();
  let position = 0;
  for (const events of lists) position = await append(side.store, 'slot-hamlet', events);
  side.store.letFeedGo();
  await side.follower.waitFor(position, 5_000);
}

async function expectCurrent(client: Client, slotId = 'hamlet'): Promise<void> {
  const { slot, units } = await saidOf(side.queries, slotId);
  const { version, counts } = slot;
  const { map } = client;
  expect({ version: map.version, counts: map.counts, units: map.units }).to.deep.equal({ version, counts, units });
  expect({ ...map.slot, version, counts }).to.deep.equal(slot);
}

function statusOf(client: Client, unitId: string): unknown {
  return client.map.seats.get(unitId)?.status;
}

function came(client: Client): Readonly<Record<string, number>> {
  return Object.fromEntries(client.map.came);
}

/** How often the slot was looked at. */
function looks(): number {
  const { hits, misses } = side.queries.readStatistics().memory.seats;
  return hits + misses;
}

describe('a slot that is watched', () => {
  afterEach(end);
  beforeEach(() => begin());

  it('is told as a whole at first, with word of when to come back, and no reload until something happens', async () => {
    const client = await side.watch('hamlet');

    expect(came(client)).to.deep.equal({ reset: 1 });
    expect(client.reader.retry).to.be.within(1_000, 3_000);
    await expectCurrent(client);
  });

  it('is told by what has changed alone', async () => {
    const client = await side.watch('hamlet');
    await tell(held('hamlet.1', A1));
    await side.reached(client, 3);

    expect(came(client)).to.deep.equal({ reset: 1, units: 1, counts: 1 });
    expect(statusOf(client, 'A1')).to.equal('held');
    await expectCurrent(client);
  });

  it('is told of what happened together in one piece, and looked at once however many watch', async () => {
    const clients = await Promise.all(Array.from({ length: 50 }, () => side.watch('hamlet')));
    const before = looks();
    await tellAtOnce(held('hamlet.1', A1), held('hamlet.2', A2), [confirmed('hamlet.1', A1)]);
    for (const client of clients) await side.reached(client, 6);

    expect(looks() - before).to.equal(1);
    for (const client of clients) {
      expect(came(client)).to.deep.equal({ reset: 1, units: 1, counts: 1 });
      await expectCurrent(client);
    }
  });

  it('is told of when it is described in another way, and of units that come and go', async () => {
    const client = await side.watch('hamlet');
    await tell([{ type: 'SlotChanged', changes: { title: 'Macbeth' } }]);
    await side.reached(client, 2);
    expect(came(client)).to.deep.equal({ reset: 1, slot: 1, counts: 1 });
    await tell([
      { type: 'UnitsAdded', units: [seat('B1')] },
      { type: 'UnitsWithdrawn', units: [{ unitId: 'A2', quantity: 1 }], reason: null },
    ]);
    await side.reached(client, 4);

    expect([...client.map.seats.keys()])
      .to.include('B1')
      .and.to.not.include('A2');
    await expectCurrent(client);
  });

  it('is told to be over when it is cancelled, and cannot be watched again', async () => {
    const client = await side.watch('hamlet');
    await tell([{ type: 'SlotCancelled', reason: null }]);
    await side.reached(client, 2);

    expect(client.map.slot?.status).to.equal('CANCELLED');
    expect([client.map.byeReason, client.ended]).to.deep.equal(['slot-over', true]);
    expect(await side.open('hamlet')).to.include({ kind: 'over', version: 2 });
  });

  it('is told to be over when its end has come', async () => {
    const client = await side.watch('hamlet');
    side.now = ENDS - 1;
    expect((await side.open('hamlet')).kind).to.equal('open');
    side.now = ENDS;

    expect((await side.open('hamlet')).kind).to.equal('over');
    await waitUntil('the client is told', async () => {
      await new Promise(setImmediate);
      return client.ended;
    });
    expect(client.map.byeReason).to.equal('slot-over');
  });

  it('is told its counts as the clock changes them, without an event', async () => {
    const axis = { type: 'time', bufferMinutes: 0 } as const;
    const rental = [claim('van-1', { from: NOW + HOUR, to: NOW + 2 * HOUR })];
    await tell([opened({ slotId: 'fleet', axis, units: [seat('van-1'), seat('van-2')] }), ...held('fleet.1', rental)], 'fleet');
    await tell([confirmed('fleet.1', rental)], 'fleet');
    // It can still be booked when the clock has gone on.
    const span = { from: NOW + HOUR, to: NOW + 24 * HOUR };
    const [client, away] = [await side.watch('fleet', { span }), await side.watch('fleet', { span })];
    const countsOf = ({ map }: Client) => ({ free: map.counts?.free, sold: map.counts?.sold });
    expect(countsOf(client)).to.deep.equal({ free: 2, sold: 0 });
    away.leave();

    side.now = NOW + HOUR;
    const isTold = async () => {
      await new Promise(setImmediate);
      return client.map.counts?.sold === 1;
    };
    await waitUntil('it is told', isTold);
    expect([countsOf(client), client.map.version]).to.deep.equal([{ free: 1, sold: 1 }, 4]);
    expect(came(client)).to.deep.equal({ reset: 1, counts: 1 });

    const newcomer = await side.watch('fleet', { span });
    const back = await side.watch('fleet', { span, from: away });
    expect([countsOf(newcomer), countsOf(back), came(back)]).to.deep.equal([{ free: 1, sold: 1 }, { free: 1, sold: 1 }, { counts: 1 }]);
  });

  it('costs nothing any more when everybody has left', async () => {
    const client = await side.watch('hamlet');
    client.leave();
    const before = looks();
    await tell(held('hamlet.1', A1));
    await tell([opened({ slotId: 'other' })], 'other');
    const other = await side.watch('other');
    await tell(held('other.1', A1), 'other');
    await side.reached(other, 3);

    expect(looks() - before, 'of the other slot').to.equal(2);
    expect(side.hub.statistics()).to.include({ watchers: 1, channels: 2 });
  });
});

describe('a slot that cannot be watched', () => {
  afterEach(end);
  beforeEach(() => begin());

  it('because it is not there leaves nothing behind', async () => {
    expect(await side.open('nowhere')).to.deep.equal({ kind: 'not-found', position: 1 });
    expect(side.hub.statistics().channels).to.equal(0);
  });

  it('because it has no such span says so', async () => {
    const answer = await side.open('hamlet', { span: { fromStop: 'A', toStop: 'B' } });
    expect(answer).to.have.property('kind', 'fault');
    expect(side.hub.statistics().channels).to.equal(0);
  });

  it('because too many watch already can be when one of them leaves', async function () {
    this.timeout(30_000);
    const clients: Client[] = [];
    while (clients.length < 8_000) clients.push(await side.watch('hamlet'));
    expect((await side.open('hamlet')).kind).to.equal('unavailable');
    clients[0]?.leave();
    expect((await side.open('hamlet')).kind).to.equal('open');
  });
});

describe('a client that comes back', () => {
  afterEach(end);
  let client: Client;

  beforeEach(async () => {
    await begin();
    client = await side.watch('hamlet');
  });

  it('is told nothing when nothing has happened', async () => {
    client.leave();
    const back = await side.watch('hamlet', { from: client });
    expect([came(back), back.writes]).to.deep.equal([{}, 1]);
  });

  it('is told what has happened while others watched, in one piece', async () => {
    const other = await side.watch('hamlet');
    client.leave();
    await tell(held('hamlet.1', A1));
    await side.reached(other, 3);
    await tell(held('hamlet.2', A2));
    await side.reached(other, 5);
    const back = await side.watch('hamlet', { from: client });

    expect(came(back)).to.deep.equal({ units: 1, counts: 1 });
    expect([...back.map.seats.keys()]).to.have.members(['A1', 'A2']);
  });

  it('is told what has happened while nobody watched', async () => {
    client.leave();
    await tell(held('hamlet.1', A1));
    const back = await side.watch('hamlet', { from: client });

    expect(came(back)).to.deep.equal({ units: 1, counts: 1 });
    expect(statusOf(back, 'A1')).to.equal('held');
  });

  it('from a version between two that were told is told what was undone since', async () => {
    await tellAtOnce(held('hamlet.1', A1), [cancelled('hamlet.1', A1)]);
    await side.reached(client, 4);
    const back = await side.watch('hamlet', { version: 3 });

    expect(came(back)).to.deep.equal({ units: 1, counts: 1 });
    expect(statusOf(back, 'A1')).to.equal('free');
  });

  it('from a version between two that were told is told of a slot that was closed and opened again', async () => {
    await tellAtOnce([CLOSED], [REOPENED]);
    await side.reached(client, 3);
    const back = await side.watch('hamlet', { version: 2 });

    expect(came(back)).to.deep.equal({ slot: 1, counts: 1 });
    expect(back.map.slot?.status).to.equal('OPEN');
  });

  it('from a version between two that were told is told of a unit that came and went', async () => {
    await tellAtOnce(
      [{ type: 'UnitsAdded', units: [seat('B1')] }],
      [{ type: 'UnitsWithdrawn', units: [{ unitId: 'B1', quantity: 1 }], reason: null }],
    );
    await side.reached(client, 3);
    const back = new Client();
    back.map.seats.set('B1', { unitId: 'B1' });
    const answer = await side.open('hamlet', { version: 2 });
    if (answer.kind === 'open') back.watches(answer.begin(back));

    expect([...back.map.seats.keys()]).to.deep.equal([]);
    expect(back.map.timesCame('reset')).to.equal(0);
  });

  it('from a version of which nobody noted what came after it is told everything', async () => {
    client.leave();
    await tellAtOnce(held('hamlet.1', A1), [cancelled('hamlet.1', A1)]);
    const back = await side.watch('hamlet', { version: 3 });

    expect(came(back)).to.deep.equal({ reset: 1 });
    await expectCurrent(back);
  });

  it('from beyond what there is, or from another stream, is told everything', async () => {
    const beyond = await side.watch('hamlet', { version: 99 });
    const elsewhere = encodePosition({ position: 1, version: 1, streamId: 'slot-lear' });
    const answer = await side.open('hamlet', { after: elsewhere });
    const other = new Client();
    if (answer.kind === 'open') other.watches(answer.begin(other));

    for (const back of [beyond, other]) expect(came(back)).to.deep.equal({ reset: 1 });
  });

  it('after it was cut off within a change is told the rest of it, or all of it', async () => {
    const ids = new Map<string, string | null>();
    const take = client.map.take.bind(client.map);
    client.map.take = (event) => {
      ids.set(event.event, event.id);
      take(event);
    };
    await tellAtOnce([{ type: 'SlotChanged', changes: { title: 'Lear' } }], held('hamlet.1', A1));
    await side.reached(client, 4);
    const from = async (event: string) => {
      client.map.lastEventId = ids.get(event) ?? null;
      return came(await side.watch('hamlet', { from: client }));
    };

    expect(await from('slot')).to.deep.equal({ slot: 1, units: 1, counts: 1 });
    expect(await from('units')).to.deep.equal({ counts: 1 });
    expect(await from('counts')).to.deep.equal({});
  });
});

describe('a client that comes back to a slot that nobody watched meanwhile', () => {
  afterEach(end);
  beforeEach(() => begin());

  it('from before the first event that was noted is told everything, and from right before it what is new', async () => {
    await tell(held('hamlet.1', A1));
    const load = side.rows.holdNextLoad();
    const opening = [1, 3].map((version) => side.open('hamlet', { version }));
    await load.hasRead;
    await tell(held('hamlet.2', A2));
    load.letGo();
    const backs = (await Promise.all(opening)).map((answer) => {
      const back = new Client();
      if (answer.kind === 'open') back.watches(answer.begin(back));
      return back;
    });

    expect(backs.map(came)).to.deep.equal([{ reset: 1 }, { units: 1, counts: 1 }]);
    expect(backs.map(({ map }) => [...map.seats.keys()].filter((unitId) => map.seats.get(unitId)?.status === 'held'))).to.deep.equal([
      ['A1', 'A2'],
      ['A2'],
    ]);
  });
});

describe('the first client of a slot', () => {
  afterEach(end);
  beforeEach(() => begin());

  it('is told what came between the look at the slot and its own beginning', async () => {
    const answer = await side.open('hamlet');
    await tell(held('hamlet.1', A1));
    const client = new Client();
    if (answer.kind === 'open') client.watches(answer.begin(client));

    await side.reached(client, 3);
    await expectCurrent(client);
  });
});

describe('a watched slot that leaves memory', () => {
  afterEach(end);
  beforeEach(() => begin());

  it('is brought back when something happens, and told by what has changed', async () => {
    const client = await side.watch('hamlet');
    side.shelf.clear();
    await tell(held('hamlet.1', A1));
    await side.reached(client, 3);

    expect(came(client)).to.deep.equal({ reset: 1, units: 1, counts: 1 });
    await expectCurrent(client);
  });

  it('while the views cannot be read is told as soon as they can be', async () => {
    const client = await side.watch('hamlet');
    side.shelf.clear();
    side.rows.failNext(new ViewsUnavailableError('planned'));
    await tell(held('hamlet.1', A1));
    await side.reached(client, 3);

    await expectCurrent(client);
  });

  it('and whose rows mean something else from now on is told anew, also to who has this very version', async () => {
    const client = await side.watch('hamlet');
    const { load } = side.rows;
    Object.assign(side.rows, {
      load: async (slotId: string, claimsFrom: number) => {
        const loaded = await load(slotId, claimsFrom);
        return { ...loaded, rows: loaded.rows === null ? null : { ...loaded.rows, slot: { ...loaded.rows.slot, title: 'Another' } } };
      },
    });
    side.shelf.clear();
    // Nothing but the refresh asks for this look: there is no event to ask for another one.
    side.rows.failNext(new ViewsUnavailableError('planned'));
    side.hub.refresh();
    await waitUntil('it is told anew', async () => {
      await new Promise(setImmediate);
      return client.map.timesCame('reset') === 2;
    });

    expect(client.map.slot?.title).to.equal('Another');
    const back = await side.watch('hamlet', { version: 1 });
    expect(came(back)).to.deep.equal({ reset: 1 });
    await tell(held('hamlet.1', A1));
    await side.reached(client, 3);
    expect(came(client)).to.deep.equal({ reset: 2, units: 1, counts: 1 });
  });
});

/** An event as another release may have stored it. */
function strange(happened: Happened, change: Partial<NewEvent>): NewEvent {
  const { origin, ...stored } = recorded(happened);
  return { ...stored, eventId: randomUUID(), ...change };
}

/** From now on looks at these slots end when they are let go, the first ones first. */
function holdLooks(slotIds: readonly string[]): { readonly held: readonly string[]; readonly most: number; letGo(count: number): void } {
  const { seats } = side.queries;
  const waiting: (() => void)[] = [];
  const looks = {
    held: [] as string[],
    most: 0,
    letGo: (count: number) => {
      for (const go of waiting.splice(0, count)) go();
    },
  };
  const hold: typeof seats = async (slotId, span) => {
    if (!slotIds.includes(slotId)) return seats(slotId, span);
    looks.held.push(slotId);
    await new Promise<void>((go) => {
      looks.most = Math.max(looks.most, waiting.push(go));
    });
    return seats(slotId, span);
  };
  Object.assign(side.queries, { seats: hold });
  return looks;
}

describe('a watched slot that cannot be brought on', () => {
  afterEach(end);
  beforeEach(async () => {
    await begin();
    await tell([opened({ slotId: 'lear' })], 'lear');
  });

  it('holds nobody else up, however long a look at it takes', async () => {
    const [hamlet, lear] = [await side.watch('hamlet'), await side.watch('lear')];
    const looks = holdLooks(['hamlet']);
    await tell(held('hamlet.1', A1));
    await waitFor('it is looked at', () => looks.held.length > 0);
    await tell(held('lear.1', A1), 'lear');
    await side.reached(lear, 3);
    await tell([CLOSED]);
    await tell([CLOSED], 'lear');
    await side.reached(lear, 4);

    expect([hamlet.map.version, looks.held], 'one look at once').to.deep.equal([1, ['hamlet']]);
    await waitFor('it is told', () => {
      looks.letGo(1);
      return hamlet.map.version === 4;
    });
  });

  it('is one of sixteen that are looked at at once, at the most', async () => {
    const slotIds = Array.from({ length: 40 }, (_, index) => `slot${index}`);
    const clients: Client[] = [];
    for (const slotId of slotIds) {
      await tell([opened({ slotId })], slotId);
      clients.push(await side.watch(slotId));
    }
    const looks = holdLooks(slotIds);
    for (const slotId of slotIds) await tell([CLOSED], slotId);
    for (let begun = 16; begun <= slotIds.length; begun += 12) {
      await waitFor('as many are looked at as may be', () => looks.held.length >= begun);
      looks.letGo(12);
    }
    await waitFor('all are told', () => {
      looks.letGo(16);
      return clients.every(({ map }) => map.version === 2);
    });

    expect(looks.most).to.equal(16);
  });

  it('rests longer and longer, until something happens or it gets on', async () => {
    const client = await side.watch('hamlet');
    const { seats } = side.queries;
    const times: number[] = [];
    const timed: typeof seats = (slotId, span) => {
      times.push(performance.now());
      return seats(slotId, span);
    };
    Object.assign(side.queries, { seats: timed });
    const rest = (look: number) => (times[look] ?? 0) - (times[look - 1] ?? 0);
    await appendRaw(side.store, 'slot-hamlet', [strange(CLOSED, { type: 'SlotPainted' })]);
    await waitFor('it is looked at three times', () => times.length === 3);
    // Timers may be late, and are never early by more than a fraction.
    expect(rest(1)).to.be.greaterThan(490);
    expect(rest(2)).to.be.greaterThan(990);

    await tell([CLOSED]);
    await side.reached(client, 3);
    expect(rest(3), 'the next rest would have taken two seconds').to.be.lessThan(2_000);
    await appendRaw(side.store, 'slot-hamlet', [strange(CLOSED, { type: 'SlotPainted' })]);
    await waitFor('it is looked at twice more', () => times.length === 6);
    expect(rest(5)).to.be.within(490, 2_000);
  });

  it('because an event of it lacks what it should have keeps nothing from others', async () => {
    const [hamlet, lear] = [await side.watch('hamlet'), await side.watch('lear')];
    const malformed = strange(seatsHeld('hamlet.1', A1), { data: JSON.stringify({ bookingId: 'hamlet.1' }) });
    await side.store.append([
      { streamId: 'slot-hamlet', expectedVersion: 1, events: [malformed] },
      { streamId: 'slot-lear', expectedVersion: 1, events: held('lear.1', A1).map(recorded) },
    ]);
    await side.reached(lear, 3);

    await expectCurrent(lear, 'lear');
    expect(hamlet.map.version).to.equal(1);
  });
});

describe('a client that does not read', () => {
  afterEach(end);
  it('is sent nothing, while others are, and all in one piece when it reads on', async () => {
    await begin();
    const [lazy, eager] = [await side.watch('hamlet'), await side.watch('hamlet')];
    lazy.stopReading();
    for (const [index, unitId] of ['A1', 'A2', 'A3', 'A4'].entries()) {
      await tell(held(`hamlet.${index}`, [claim(unitId)]));
      await side.reached(eager, 3 + 2 * index);
    }
    expect([lazy.map.version, lazy.map.timesCame('units')], 'what it had not refused yet').to.deep.equal([3, 1]);
    lazy.readOn();

    expect(came(lazy)).to.deep.equal({ reset: 1, units: 2, counts: 2 });
    await expectCurrent(lazy);
    expect(eager.map.timesCame('units')).to.equal(4);
  });

  it('for too long is sent away with the reason, and counted', async () => {
    await begin({ patienceMs: 100 });
    const [lazy, eager] = [await side.watch('hamlet'), await side.watch('hamlet')];
    lazy.stopReading();
    await tell(held('hamlet.1', A1));
    await waitUntil('it is sent away', async () => {
      await new Promise(setImmediate);
      return lazy.ended;
    });

    expect(lazy.map.byeReason).to.equal('too-slow');
    expect(side.hub.statistics()).to.include({ watchers: 1, cutOff: 1 });
    expect(eager.ended).to.equal(false);
  });
});

describe('what clients have not read', () => {
  afterEach(end);

  /** Clients that do not read the one piece that they have been sent since. */
  async function lazyClients(count: number, news: Happened): Promise<readonly Client[]> {
    const clients = await Promise.all(Array.from({ length: count }, () => side.watch('hamlet')));
    const version = (clients[0]?.map.version ?? 0) + 1;
    for (const client of clients) client.stopReading();
    await tell([news]);
    for (const client of clients) await side.reached(client, version);
    return clients;
  }

  const unreadBytes = () => side.hub.statistics().unreadBytes;

  it('counts once for all who were sent the same, until the last of them has read it or left', async () => {
    await begin();
    const [one, other] = (await lazyClients(2, CLOSED)) as [Client, Client];
    const piece = unreadBytes();
    expect(piece).to.be.within(300, 3_000);
    await lazyClients(1, REOPENED);
    expect(unreadBytes()).to.be.within(2 * piece - 100, 2 * piece + 100);

    one.readOn();
    expect(unreadBytes()).to.be.greaterThan(piece);
    other.leave();
    expect(unreadBytes()).to.be.within(300, piece + 100);
  });

  it('ends those who have not read for the longest time when it is too much', async () => {
    await begin({ maxUnreadBytes: 3_000 });
    const eager = await side.watch('hamlet');
    const first = await lazyClients(2, CLOSED);
    const slow: Client[] = [];
    for (let turn = 0; side.hub.statistics().cutOff === 0; turn += 1) {
      expect(turn).to.be.lessThan(20);
      slow.push(...(await lazyClients(1, turn % 2 === 0 ? REOPENED : CLOSED)));
    }

    expect(first.map(({ ended }) => ended)).to.deep.equal([true, true]);
    expect(slow.map(({ ended }) => ended)).to.deep.equal(slow.map(() => false));
    expect([eager.ended, eager.map.byeReason]).to.deep.equal([false, null]);
    expect(side.hub.statistics()).to.include({ cutOff: 2, watchers: 1 + slow.length });
    expect(unreadBytes()).to.be.within(1, 3_000);
  });
});

describe('a hub that does not know yet where the log is', () => {
  afterEach(end);
  it('takes nobody, because what happens now would never be handed to it', async () => {
    await begin();
    const hub = new LiveHub({ ...side.parts, isFollowing: () => false });
    expect(await hub.open({ slotId: 'hamlet', span: null, after: null, atLeast: 0 })).to.deep.equal({ kind: 'unavailable' });
  });
});

describe('a hub that stops', () => {
  afterEach(end);
  it('says bye to everybody, and takes nobody any more', async () => {
    await begin();
    const clients = [await side.watch('hamlet'), await side.watch('hamlet')];
    side.hub.stop();

    for (const { map, ended } of clients) expect([map.byeReason, ended]).to.deep.equal(['stopping', true]);
    expect((await side.open('hamlet')).kind).to.equal('unavailable');
    expect(side.hub.statistics().watchers).to.equal(0);
  });
});

describe('spans that nobody watches any more', () => {
  afterEach(end);
  it('are forgotten beyond a bound, the oldest first', async () => {
    side = await startHubSide();
    await tell([opened({ slotId: 'cars', axis: { type: 'time', bufferMinutes: 0 }, units: [seat('car')] })], 'cars');
    const spans = Array.from({ length: 250 }, (_, hour) => ({ from: NOW + hour * HOUR, to: NOW + (hour + 1) * HOUR }));
    for (const span of spans) (await side.watch('cars', { span })).leave();
    expect(side.hub.statistics().channels).to.equal(250);
    await waitUntil('some are forgotten', async () => {
      await new Promise(setImmediate);
      return side.hub.statistics().channels === 200;
    });
  });
});
