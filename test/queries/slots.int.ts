import { expect } from 'chai';
import type { PageRead, SlotFilter, SlotSummary } from '../../src/queries/answers.ts';
import { withDatabase } from '../support/postgres.ts';
import { append, type ReadSide, startReadSide } from '../support/read-side.ts';
import { claim, DAY, HOUR, held, NOW, opened, POLICY, STARTS, seat, seats } from '../support/slot-builders.ts';

const SHOWS = [
  opened({ slotId: 'hamlet', title: 'Hamlet', venue: { venueId: 'globe', name: 'Globe', city: 'London' }, reference: 'hall-7' }),
  opened({ slotId: 'lear', title: 'King Lear', startsAt: STARTS + DAY, venue: { city: 'York' }, units: seats(30, { price: 100 }) }),
  opened({ slotId: 'bus', title: '100% Express_Line', category: 'bus', startsAt: STARTS - HOUR, units: [seat('A1', { price: 900 })] }),
  opened({ slotId: 'shut', title: 'Shut', status: 'CLOSED', startsAt: STARTS + 2 * DAY }),
  opened({
    slotId: 'cars',
    title: 'Vans',
    category: 'vehicle',
    axis: { type: 'time', bufferMinutes: 30 },
    units: [seat('van-1', { price: 3000 }), seat('van-2', { price: 4000 })],
  }),
];

describe('a search of slots', () => {
  const database = withDatabase();
  let side: ReadSide;
  let now = NOW;

  before(async () => {
    side = startReadSide(database(), () => now);
    for (const show of SHOWS) await append(side.store, `slot-${show.slotId}`, [show]);
    await side.tell(held('cars.1', [claim('van-1', { from: NOW + 2 * HOUR, to: NOW + 4 * HOUR })]), 'cars');
  });
  after(() => side.close());

  async function found(filter: Partial<SlotFilter>): Promise<readonly string[]> {
    return idsOf(await side.queries.slots({ limit: 50, ...filter }));
  }

  function idsOf(page: PageRead<SlotSummary>): readonly string[] {
    if (page.kind !== 'found') throw new Error(page.kind);
    return page.read.value.items.map((slot) => slot.slotId);
  }

  it('finds what is open, the earliest first, what has no start at the end', async () => {
    expect(await found({})).to.deep.equal(['bus', 'hamlet', 'lear', 'cars']);
  });

  it('answers with the whole summary and with the position of the view', async () => {
    const page = await side.queries.slots({ limit: 1, reference: 'hall-7' });
    if (page.kind !== 'found') throw new Error(page.kind);
    expect(page.read.position).to.equal(await side.store.headPosition());
    expect(page.read.value.nextCursor).to.equal(null);
    expect(page.read.value.items).to.deep.equal([(await side.queries.slot('hamlet')).value]);
    expect(page.read.value.items[0]).to.deep.include({
      title: 'Hamlet',
      venue: { venueId: 'globe', name: 'Globe', city: 'London' },
      startsAt: STARTS,
      policy: POLICY,
      version: 1,
      counts: { capacity: 14, free: 14, held: 0, sold: 0, blocked: 0 },
    });
  });

  const filters: readonly (readonly [what: string, filter: Partial<SlotFilter>, ids: readonly string[]])[] = [
    ['text in the title, whatever the case', { text: 'LEAR' }, ['lear']],
    ['text in the name of the place', { text: 'globe' }, ['hamlet']],
    ['text in the city', { text: 'york' }, ['lear']],
    ['all words of the text, in any order, over title and place', { text: 'globe hamlet' }, ['hamlet']],
    ['the beginning of the last word', { text: 'king le' }, ['lear']],
    ['the whole of the other words', { text: 'kin lear' }, []],
    ['words, whatever signs stand between them', { text: '"100"% line & (express:*' }, ['bus']],
    ['text without a word, which nothing has', { text: '% !' }, []],
    ['the category', { category: 'bus' }, ['bus']],
    ['the place', { venueId: 'globe' }, ['hamlet']],
    ['the city', { city: 'York' }, ['lear']],
    ['the earliest start, which is included', { from: STARTS }, ['hamlet', 'lear']],
    ['the latest start, which is not', { to: STARTS }, ['bus']],
    ['the places that must be free', { minFree: 14 }, ['hamlet', 'lear']],
    ['the places that must be free, as of now on time', { minFree: 2 }, ['hamlet', 'lear', 'cars']],
    ['the reference', { reference: 'hall-7' }, ['hamlet']],
    ['another status', { status: 'CLOSED' }, ['shut']],
    ['a status that does not exist', { status: 'LOST' }, []],
    ['several things at once', { text: 'l', category: 'theatre', minFree: 20 }, ['lear']],
  ];
  for (const [what, filter, ids] of filters) {
    it(`keeps to ${what}`, async () => {
      expect(await found(filter)).to.deep.equal(ids);
    });
  }

  it('counts what is free on time as of now', async () => {
    const at = async (instant: number) => {
      now = instant;
      const counts = (await side.queries.slot('cars')).value?.counts;
      return [await found({ category: 'vehicle', minFree: 2 }), counts?.free, counts?.held];
    };
    try {
      expect(await at(NOW)).to.deep.equal([['cars'], 2, 0]);
      expect(await at(NOW + 2 * HOUR)).to.deep.equal([[], 1, 1]);
      expect(await at(NOW + 4.5 * HOUR - 1), 'the buffer').to.deep.equal([[], 1, 1]);
      expect(await at(NOW + 4.5 * HOUR)).to.deep.equal([['cars'], 2, 0]);
    } finally {
      now = NOW;
    }
  });

  const sorts: readonly (readonly [sort: NonNullable<SlotFilter['sort']>, ids: readonly string[]])[] = [
    ['startsAt', ['bus', 'hamlet', 'lear', 'cars']],
    ['price', ['lear', 'hamlet', 'bus', 'cars']],
    ['free', ['lear', 'hamlet', 'cars', 'bus']],
  ];
  for (const [sort, ids] of sorts) {
    it(`goes by ${sort}, on one page or page by page`, async () => {
      expect(await found({ sort })).to.deep.equal(ids);
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: PageRead<SlotSummary> = await side.queries.slots({ limit: 1, sort, ...(cursor === null ? {} : { cursor }) });
        seen.push(...idsOf(page));
        cursor = page.kind === 'found' ? page.read.value.nextCursor : null;
      } while (cursor !== null && seen.length < 20);
      expect(seen).to.deep.equal(ids);
    });
  }

  it('refuses a cursor that it did not give out under the same sort', async () => {
    const page = await side.queries.slots({ limit: 1 });
    const cursor = page.kind === 'found' ? (page.read.value.nextCursor ?? '') : '';
    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    expect(await side.queries.slots({ limit: 1, cursor })).to.have.property('kind', 'found');
    for (const bad of [
      '',
      'x',
      'null',
      forged(['startsAt', ['x'], 'hamlet']),
      forged(['startsAt', [1], 'a\0']),
      forged(['startsAt', [1.5], 'a']),
      forged(['startsAt', [Number.MIN_SAFE_INTEGER], 'a']),
      forged(['startsAt', [Number.MAX_SAFE_INTEGER], 'a']),
      forged(['startsAt', [1, 1], 'a']),
      forged(['startsAt', [], 'a']),
      forged(['startsAt', 1, 'a']),
      forged(['startsAt', [1], 'a', 'x\0']),
    ]) {
      expect(await side.queries.slots({ limit: 1, cursor: bad }), bad).to.deep.equal({ kind: 'invalid-cursor' });
    }
    expect(await side.queries.slots({ limit: 1, sort: 'price', cursor })).to.deep.equal({ kind: 'invalid-cursor' });
  });

  it('loses and repeats nothing that stays when slots come and go between two pages', async () => {
    for (let number = 1; number <= 6; number += 1) {
      await append(side.store, `slot-run-${number}`, [
        opened({ slotId: `run-${number}`, category: 'run', startsAt: STARTS + number * HOUR }),
      ]);
    }
    await side.reached(await side.store.headPosition());
    const first = await side.queries.slots({ limit: 3, category: 'run' });
    if (first.kind !== 'found') throw new Error(first.kind);
    await side.tell([{ type: 'SlotClosed', reason: null }], 'run-2');
    await side.tell([opened({ slotId: 'run-0', category: 'run', startsAt: STARTS })], 'run-0');
    await side.tell([{ type: 'SlotClosed', reason: null }], 'run-3');
    const second = await side.queries.slots({ limit: 3, category: 'run', cursor: first.read.value.nextCursor ?? '' });
    expect([...idsOf(first), ...idsOf(second)]).to.deep.equal(['run-1', 'run-2', 'run-3', 'run-4', 'run-5', 'run-6']);
  });
});
