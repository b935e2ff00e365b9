import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { withBug } from './mutant.ts';
import { MUTATIONS, type Mutation } from './mutations.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

describe('a deliberate bug', () => {
  for (const mutation of MUTATIONS) {
    it(`still has its place and its tests: ${mutation.bug}`, () => {
      expect(withBug(read(mutation.file), mutation)).to.not.equal(read(mutation.file));
      for (const { file, title } of mutation.caughtBy) {
        const [beforeAxis = '', , afterAxis = ''] = title.split(/"(whole|stops|time)"/);
        expect(read(file)).to.include(beforeAxis).and.to.include(afterAxis);
      }
    });

    it(`is told of in docs/verification.md: ${mutation.bug}`, () => {
      const page = read('docs/verification.md');
      expect(page).to.include(mutation.bug).and.to.include(mutation.file);
      for (const { title } of mutation.caughtBy) expect(page).to.include(title);
    });
  }

  it('that has lost its place is not passed over', () => {
    const lost: Mutation = { bug: 'lost', file: 'a.ts', text: 'x', becomes: 'y', caughtBy: [] };
    expect(() => withBug('nothing of it', lost)).to.throw('0 times');
    expect(() => withBug('x and x', lost)).to.throw('2 times');
    expect(withBug('one x', { ...lost, becomes: '$&y' })).to.equal('one $&y');
  });
});
