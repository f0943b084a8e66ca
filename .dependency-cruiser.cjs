/**
 * Imports run one way: domain <- capability folders <- api, cli <- main. Capabilities do not import each other: they
 * meet in domain types and in what main.ts hands them.
 */
const capabilities = [
  'inventory',
  'discovery',
  'polling',
  'telemetry',
  'metrics',
  'status',
  'alerting',
  'provisioning',
  'live',
  'auth',
  'audit',
  'vault',
  'territory',
  'backup',
  'reports',
  'services',
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      // types may point at each other; code that runs may not
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'domain-stands-alone',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { path: '^(src|agents)/', pathNot: '^src/domain/' },
    },
    ...capabilities.map((name) => ({
      name: `${name}-meets-others-in-domain`,
      severity: 'error',
      from: { path: `^src/${name}/`, pathNot: '\\.test\\.ts$' },
      to: { path: '^(src|agents)/', pathNot: `^src/(${name}|domain|database)/` },
    })),
    {
      name: 'database-knows-no-capability',
      severity: 'error',
      from: { path: '^src/database/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(src|agents)/', pathNot: '^src/(database|domain)/' },
    },
    {
      name: 'api-below-main',
      severity: 'error',
      from: { path: '^src/api/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/(cli|main\\.ts|config\\.ts)|^agents/' },
    },
    {
      name: 'simulator-shares-no-code',
      severity: 'error',
      from: { path: '^agents/simulator/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/' },
    },
    {
      name: 'site-agent-has-no-state',
      severity: 'error',
      from: { path: '^agents/site/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(src|agents)/', pathNot: '^src/(domain|polling|services|telemetry)/|^agents/site/' },
    },
    {
      name: 'controller-knows-no-site-agent',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^agents/site/' },
    },
    {
      name: 'controller-knows-no-simulator',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|demo)/|\\.test\\.ts$' },
      to: { path: '^agents/simulator/' },
    },
    {
      name: 'only-config-reads-settings',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|state|metric-store|config)(\\.test)?\\.ts$|^src/cli/' },
      to: { path: '^src/config\\.ts$' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
