import { expect } from 'chai';
import { runHoldfast } from '../support/command-line.ts';

describe('a setting that cannot be used', () => {
  const wrong = [
    ['HOLDFAST_PORT', '70000'],
    ['HOLDFAST_PORT', ' '],
    ['HOLDFAST_PORT', '0x4b01'],
    ['HOLDFAST_LOG_LEVEL', 'loud'],
    ['HOLDFAST_CORS_ORIGINS', 'https://tickets.example, https://tickets.example/path'],
    ['HOLDFAST_CORS_ORIGINS', 'tickets.example'],
  ] as const;
  for (const [name, value] of wrong) {
    it(`is named before anything is started: ${name}=${value}`, async () => {
      const { code, stdout, stderr } = await runHoldfast(['serve'], { HOLDFAST_DATA_DIR: '/dev/null/none', [name]: value }, 20_000);
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.match(new RegExp(`^holdfast: ${name} must .*"${value.split(', ').at(-1)}"\n$`));
    }).timeout(25_000);
  }
  it('is named before anything is started, and not repeated where it may hold a password: REDIS_URL', async () => {
    const environment = { HOLDFAST_DATA_DIR: '/dev/null/none', REDIS_URL: 'http://user:secret@cache:6379' };
    const { code, stdout, stderr } = await runHoldfast(['serve'], environment, 20_000);
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
    expect(stderr).to.match(/^holdfast: REDIS_URL must be like redis:/);
    expect(stderr).to.not.contain('secret');
  }).timeout(25_000);
});

describe('the address of a service that is none', () => {
  const commands = [
    ['rush', '--url', 'foo'],
    ['rush', '--url', 'ftp://127.0.0.1/'],
    ['import', 'seat-map', 'map.json', '--url', '127.0.0.1:8080'],
  ];
  for (const words of commands) {
    it(`is wrong usage of the option: ${words.join(' ')}`, async () => {
      const { code, stdout, stderr } = await runHoldfast(words, {}, 20_000);
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr).to.match(/^error: option '--url <address>' argument '.*' is invalid\. Expected an http or https address/);
    }).timeout(25_000);
  }
});
