import { expect } from 'chai';
import { validate, version } from 'uuid';
import { AscendingIds } from '../../src/commands/ascending-ids.ts';

const AT = Date.parse('2027-01-15T19:30:00Z');

describe('ids that ascend', () => {
  it('are UUIDs of version 7, with the instant in front', () => {
    const id = new AscendingIds().next(AT + 0.7);

    expect(validate(id)).to.equal(true);
    expect(version(id)).to.equal(7);
    expect(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).to.equal(AT);
  });

  it('come in the order in which they were made, within a millisecond and where the clock is set back', () => {
    const ids = new AscendingIds();
    const clock = [AT, AT + 1, AT - 5_000, AT + 1, AT + 2];
    const made = clock.flatMap((at) => Array.from({ length: 20_000 }, () => ids.next(at)));

    expect(made).to.deep.equal([...made].sort());
    expect(new Set(made).size).to.equal(made.length);
    for (const id of [made[0], made[19_999], made[30_000]]) expect(validate(id)).to.equal(true);
  });

  it('differ between two processes that make one in the same millisecond', () => {
    expect(new AscendingIds().next(AT)).not.to.equal(new AscendingIds().next(AT));
  });
});
