// Where an executable script cannot run, `cmd/run-plugin` starts this one; it would load ts-node for a main that is TypeScript.
import './provider.ts';
