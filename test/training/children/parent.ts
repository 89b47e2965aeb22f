/** A parent that opens a pool, says which process its child is, and then waits to be killed. */
import { fileURLToPath } from 'node:url';
import { loadDataset } from '../../../src-main/training/datasets/prepare.ts';
import { createObjectivePool } from '../../../src-main/training/pool.ts';
import { loadSpec } from '../../../src-main/training/spec.ts';

const iris = loadSpec('iris');
const entry = fileURLToPath(new URL('misbehaving.ts', import.meta.url));
const pool = createObjectivePool({
  spec: iris.spec,
  data: await loadDataset(iris),
  seed: 1,
  entry,
});
const decision = await pool.decision;
console.log(decision?.reason.replace('process ', ''));
