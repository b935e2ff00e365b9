import { expect } from 'chai';
import type { OpenSlot } from '../../src/domain/slot/commands.ts';
import type { PageRead, SlotFilter, SlotSummary } from '../../src/queries/answers.ts';
import { withDatabase } from '../support/postgres.ts';
import { append, type ReadSide, startReadSide } from '../support/read-side.ts';
import { DAY, opened, STARTS, seat, seats } from '../support/slot-builders.ts';

type Described = Partial<OpenSlot> & { readonly slotId: string };

/** One of each line of business, and what tells words, accents and places apart. */
const SLOTS: readonly Described[] = [
  { slotId: 'play', title: 'Hamlet', venue: { venueId: 'globe', name: 'The Globe', city: 'London' } },
  { slotId: 'opera', title: 'Hamlet, an Opéra in five acts', category: 'theatre', startsAt: STARTS - DAY, venue: { city: 'Łódź' } },
  { slotId: 'walk', title: "Shakespeare's London", category: 'event', venue: { name: 'Hamlet Gardens', city: 'London' } },
  { slotId: 'bus', title: 'Red-eye to Köln', category: 'bus', venue: { name: 'Gare du Nord', city: 'Paris' }, units: seats(40) },
  { slotId: 'hotel', title: 'Doppelzimmer Straße 7', category: 'hotel', venue: { name: 'Hotel London', city: 'Aarhus' } },
  {
    slotId: 'fleet',
    title: 'Transporter',
    category: 'vehicle',
    axis: { type: 'time', bufferMinutes: 0 },
    venue: { city: 'Санкт-Петербург' },
  },
];

describe('a search by text', () => {
  const database = withDatabase();
  let side: ReadSide;

  before(async () => {
    side = startReadSide(database());
    for (const slot of SLOTS) await append(side.store, `slot-${slot.slotId}`, [opened(slot)]);
    await side.reached(await side.store.headPosition());
  });
  after(() => side.close());

  async function page(filter: Partial<SlotFilter>) {
    const found: PageRead<SlotSummary> = await side.queries.slots({ limit: 50, ...filter });
    if (found.kind !== 'found') throw new Error(found.kind);
    return found.read.value;
  }

  async function found(text: string, filter: Partial<SlotFilter> = {}): Promise<readonly string[]> {
    return (await page({ text, ...filter })).items.map(({ slotId }) => slotId);
  }

  /** All pages of one item, one after another. */
  async function pages(filter: Partial<SlotFilter>): Promise<readonly string[]> {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const one: Awaited<ReturnType<typeof page>> = await page({ ...filter, limit: 1, ...(cursor === null ? {} : { cursor }) });
      ids.push(...one.items.map(({ slotId }) => slotId));
      cursor = one.nextCursor;
    } while (cursor !== null && ids.length < 20);
    return ids;
  }

  const meant: readonly (readonly [what: string, text: string, ids: readonly string[]])[] = [
    ['accents that are not typed', 'opera lodz', ['opera']],
    ['accents that are typed differently', 'HÂMLET OPÈRA', ['opera']],
    ['letters with no accent-free form of their own', 'strasse', ['hotel']],
    ['letters beyond Latin, in any case', 'САНКТ', ['fleet']],
    ['words that a hyphen joins', 'eye', ['bus']],
    ['an apostrophe or none', 'shakespeares', ['walk']],
    ['a wrong letter', 'hamlat globe', ['play']],
    ['swapped letters', 'transproter', ['fleet']],
    ['a missing letter and one too many in a long word', 'shakespeers', ['walk']],
    ['no word that is two mistakes away from a short one', 'homlat', []],
    ['no unknown word beside a known one', 'hamlet zzzzzz', []],
  ];
  for (const [what, text, ids] of meant) {
    it(`copes with ${what}: ${text}`, async () => {
      expect(await found(text)).to.deep.equal(ids);
    });
  }

  it('puts titles before places and places before cities, and what starts earlier first among equals', async () => {
    expect(await found('hamlet')).to.deep.equal(['opera', 'play', 'walk']);
    expect(await found('london')).to.deep.equal(['walk', 'hotel', 'play']);
  });

  it('puts whole words before beginnings', async () => {
    await side.tell([opened({ slotId: 'hamlets', title: 'Hamlets of Kent', startsAt: STARTS - 2 * DAY, category: 'walk' })], 'hamlets');
    expect(await found('hamlet')).to.deep.equal(['opera', 'play', 'hamlets', 'walk']);
    expect(await found('haml')).to.deep.equal(['hamlets', 'opera', 'play', 'walk']);
  });

  it('goes by another sort when one is asked for', async () => {
    expect(await found('london', { sort: 'startsAt' })).to.deep.equal(['hotel', 'play', 'walk']);
    await side.tell([opened({ slotId: 'cheap', title: 'London by night', units: [seat('A1', { price: 1 })] })], 'cheap');
    expect((await found('london', { sort: 'price' }))[0]).to.equal('cheap');
  });

  it('goes with every other filter', async () => {
    expect(await found('london', { category: 'hotel' })).to.deep.equal(['hotel']);
    expect(await found('hamlet', { venueId: 'globe', city: 'London' })).to.deep.equal(['play']);
    expect(await found('hamlet', { to: STARTS, category: 'theatre' })).to.deep.equal(['opera']);
    expect(await found('k', { minFree: 40 })).to.deep.equal(['bus']);
    expect(await found('hamlet', { status: 'CLOSED' })).to.deep.equal([]);
    expect(await found('hamlat', { status: 'CLOSED' }), 'a word of slots that are not asked for').to.deep.equal([]);
  });

  it('gives the same page by page', async () => {
    expect(await pages({ text: 'hamlet' })).to.deep.equal(await found('hamlet'));
    expect(await pages({ text: 'hamlet', sort: 'startsAt' })).to.deep.equal(await found('hamlet', { sort: 'startsAt' }));
  });

  it('goes on with the words that it took for the misspelled ones, even when those are known by then', async () => {
    const first = await page({ text: 'hamlqt', limit: 2 });
    expect(first.items.map(({ slotId }) => slotId)).to.deep.equal((await found('hamlet')).slice(0, 2));
    await side.tell([opened({ slotId: 'odd', title: 'Hamlqt' })], 'odd');
    const second = await page({ text: 'hamlqt', limit: 2, cursor: first.nextCursor ?? '' });
    expect(second.items.map(({ slotId }) => slotId)).to.deep.equal((await found('hamlet')).slice(2));
  });

  it('loses and repeats nothing when bookings, new slots and new titles come between two pages', async () => {
    for (const number of [1, 2, 3, 4])
      await side.tell([opened({ slotId: `gala-${number}`, title: 'Gala', startsAt: STARTS + number * DAY })], `gala-${number}`);
    const first = await page({ text: 'gala', limit: 2 });
    await side.tell([opened({ slotId: 'gala-0', title: 'Gala', startsAt: STARTS })], 'gala-0');
    await side.tell([{ type: 'SlotChanged', changes: { title: 'Festival', venue: { name: 'Gala' } } }], 'gala-2');
    const second = await page({ text: 'gala', limit: 5, cursor: first.nextCursor ?? '' });
    expect(first.items.map(({ slotId }) => slotId)).to.deep.equal(['gala-1', 'gala-2']);
    expect(second.items.map(({ slotId }) => slotId)).to.deep.equal(['gala-3', 'gala-4', 'gala-2'], 'one that fits less now comes later');
  });

  it('refuses a cursor of another sort', async () => {
    const { nextCursor } = await page({ text: 'hamlet', limit: 1 });
    expect(await side.queries.slots({ limit: 1, cursor: nextCursor ?? '' })).to.deep.equal({ kind: 'invalid-cursor' });
    const forged = Buffer.from(JSON.stringify(['text', [1], 'play'])).toString('base64url');
    expect(await side.queries.slots({ limit: 1, text: 'hamlet', cursor: forged })).to.deep.equal({ kind: 'invalid-cursor' });
  });
});
