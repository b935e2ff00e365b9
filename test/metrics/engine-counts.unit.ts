import { expect } from 'chai';
import type { CommandService } from '../../src/commands/command-service.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { EngineCounts } from '../../src/metrics/engine-counts.ts';
import { commandSide, context, keyed, rejectionOf } from '../support/command-side.ts';
import { appendRaw, recorded } from '../support/read-side.ts';
import { book, claim, confirm, expired, opened, openSlot } from '../support/slot-builders.ts';

const CLOSED = { type: 'SlotClosed', reason: null } as const;
const numbers = (counts: ReadonlyMap<string, number>) => Object.fromEntries(counts);

describe('what a process has done', () => {
  let counts: EngineCounts;
  beforeEach(() => {
    counts = new EngineCounts();
  });

  describe('to the log', () => {
    it('is what was appended, by type, and no append that conflicted', async () => {
      const store = counts.around(createMemoryEventStore());
      await appendRaw(store, 'slot-hamlet', [recorded(opened()), recorded(CLOSED)]);
      const late = await store.append([{ streamId: 'slot-hamlet', expectedVersion: 1, events: [recorded(CLOSED)] }]);
      expect(late.kind).to.equal('conflict');
      expect(numbers(counts.events)).to.deep.equal({ SlotOpened: 1, SlotClosed: 1 });
      expect([counts.conflicts, counts.lockedAppends]).to.deep.equal([1, 0]);
    });

    it('is also what was decided under the lock, once it is appended', async () => {
      const store = counts.around(createMemoryEventStore());
      await appendRaw(store, 'slot-hamlet', [recorded(opened())]);
      const seen: number[] = [];
      await store.appendLocked('slot-hamlet', 0, (tail) => {
        seen.push(tail.length);
        return [recorded(CLOSED)];
      });
      await store.appendLocked('slot-hamlet', 2, () => []);
      const failed = await rejectionOf(
        store.appendLocked('slot-hamlet', 2, () => {
          throw new Error('planned');
        }),
      );
      expect([seen, failed.message]).to.deep.equal([[1], 'planned']);
      expect(numbers(counts.events)).to.deep.equal({ SlotOpened: 1, SlotClosed: 1 });
      expect(counts.lockedAppends).to.equal(2);
    });
  });

  it('has what lapsed holds had taken, by quantity, whichever way they were recorded', async () => {
    const store = counts.around(createMemoryEventStore());
    await appendRaw(store, 'slot-hamlet', [
      recorded(opened()),
      recorded(expired('hamlet.1', [claim('A1'), claim('yard', { quantity: 3 })])),
    ]);
    await store.appendLocked('slot-hamlet', 2, () => [recorded(expired('hamlet.2', [claim('A2')]))]);
    expect(counts.seatsExpired).to.equal(5);
  });

  describe('to bookings', () => {
    function counted(): CommandService {
      const side = commandSide(createMemoryEventStore());
      return counts.aroundCommands(side);
    }

    it('is by command and outcome; a repeat locks no seats again', async () => {
      const commands = counted();
      await commands.execute('hamlet', openSlot(), context());
      const request = book('hamlet.1', ['A1', ['yard', 3]]);
      await commands.execute('hamlet', request, keyed('k'));
      const repeated = await commands.execute('hamlet', request, keyed('k'));
      expect(repeated).to.deep.include({ kind: 'accepted', replayed: true });
      await commands.execute('hamlet', book('hamlet.2', ['A1']), keyed('other'));
      await commands.execute('hamlet', confirm('hamlet.1'), context());
      expect(Object.fromEntries([...counts.commands].map(([command, outcomes]) => [command, numbers(outcomes)]))).to.deep.equal({
        RequestBooking: { accepted: 1, replayed: 1, refused: 1 },
        ConfirmBooking: { accepted: 1 },
      });
      expect(counts.seatsLocked).to.equal(4);
    });

    it('is told as failed where nobody decided, and the failure goes on', async () => {
      const commands = counts.aroundCommands({ ...counted(), execute: () => Promise.reject(new Error('planned')) });
      expect((await rejectionOf(commands.execute('hamlet', book('hamlet.1', ['A1']), context()))).message).to.equal('planned');
      expect(numbers(counts.commands.get('RequestBooking') ?? new Map())).to.deep.equal({ failed: 1 });
    });
  });

  it('has refusals by their codes, and passes them on', () => {
    const recorder = counts.aroundRecorder({ record: ({ code }) => `recorded ${code}` });
    const attempt = {
      slotId: 'hamlet',
      bookingId: null,
      customerId: null,
      unitIds: [],
      asked: null,
      slotVersion: null,
      actor: 'a',
      correlationId: 'c',
    };
    expect(recorder.record({ ...attempt, code: 'seats-taken' })).to.equal('recorded seats-taken');
    recorder.record({ ...attempt, code: 'seats-taken' });
    recorder.record({ ...attempt, code: 'invalid-input' });
    expect(numbers(counts.refusals)).to.deep.equal({ 'seats-taken': 2, 'invalid-input': 1 });
  });
});
