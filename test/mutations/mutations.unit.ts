import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { withBug } from './mutant.ts';
import { type Edit, MUTATIONS } from './mutations.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

describe('a deliberate bug', () => {
  for (const mutation of MUTATIONS) {
    it(`still has its place and its tests: ${mutation.bug}`, () => {
      for (const edit of mutation.edits) expect(withBug(read(edit.file), edit)).to.not.equal(read(edit.file));
      for (const { file, title } of mutation.caughtBy) {
        const [beforeAxis = '', , afterAxis = ''] = title.split(/"(whole|stops|time)"/);
        expect(read(file)).to.include(beforeAxis).and.to.include(afterAxis);
      }
    });

    it(`is told of in docs/verification.md: ${mutation.bug}`, () => {
      const page = read('docs/verification.md');
      expect(page).to.include(mutation.bug);
      for (const { file } of mutation.edits) expect(page).to.include(file);
      for (const { title } of mutation.caughtBy) expect(page).to.include(title);
    });
  }

  it('that has lost its place is not passed over', () => {
    const lost: Edit = { file: 'a.ts', text: 'x', becomes: 'y' };
    expect(() => withBug('nothing of it', lost)).to.throw('0 times');
    expect(() => withBug('x and x', lost)).to.throw('2 times');
    expect(withBug('one x', { ...lost, becomes: '$&y' })).to.equal('one $&y');
  });
});
