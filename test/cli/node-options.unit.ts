import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { NODE_OPTIONS } from '../../bench/sides/node-options.ts';

describe('the options of Node that Holdfast is started with', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };

  for (const name of ['start', 'bench']) {
    it(`are those of its command line when it is started by npm: ${name}`, () => {
      expect(NODE_OPTIONS).to.have.length.greaterThan(0);
      // In place of the shell that npm starts, so that what npm is told reaches it.
      const words = scripts[name]?.replace(/^exec /, '').split(' ');
      expect(words?.slice(0, 1 + NODE_OPTIONS.length)).to.deep.equal(['node', ...NODE_OPTIONS]);
    });
  }
});
