/**
 * Epochs a second of whole training, validation included, on every backend that works here, beside PyTorch on one thread where a python3
 * has it (PARZEN_PYTHON names another). Ratios are against the faster way of feeding PyTorch. What a trial trains with is in the first column; the last
 * one says how much of the arithmetic that this core can do, with the registers named above the table, the best of them does.
 * Argument: seconds of processor time per measurement, 1 unless told.
 */
import { isNativeTensorFlowInstalled } from '../../src-main/training/backends.ts';
import { createModelFactory } from '../../src-main/training/choose-backend.ts';
import { provenNative } from '../../src-main/training/fused/proven-native.ts';
import { denseWasmName } from '../../src-main/training/fused/wasm-module.ts';
import { denseCases, pytorchRates } from './helpers/dense-cases.ts';
import { printRow } from './helpers/peer.ts';
import { candidates, epochsPerSecond, measurePeak, operationsPerEpoch } from './helpers/rates.ts';

const seconds = Number(process.argv[2] ?? 1);

const prepared = await denseCases();
const peers = pytorchRates(prepared, seconds);
if (!peers)
  console.log(
    'No python3 with PyTorch here (PARZEN_PYTHON names another one): nothing to compare.',
  );

const usable = candidates.filter(
  ({ backend }) => backend !== 'tfjs-node' || isNativeTensorFlowInstalled(),
);
const peak = measurePeak(seconds);
console.log(
  `fused: ${denseWasmName()}, products on ${provenNative().description}, arithmetic limit ${(peak / 1e9).toFixed(0)} Gflop/s on this core`,
);
printRow('epochs/s', ...usable.map(({ name }) => name), 'PyTorch', 'ratio', 'of the limit');
for (const [i, { data, plan, table, hidden, batchSize }] of prepared.entries()) {
  const rates: number[] = [];
  for (const one of usable)
    rates.push(epochsPerSecond(await createModelFactory(one), plan, data, seconds));
  const widths = [data.nFeatures, ...hidden, data.nOutputs];
  const operations = operationsPerEpoch(data.train.nRows, widths);
  const peer = peers?.[i];
  printRow(
    `${table} ${data.train.nRows} x ${data.nFeatures}, [${hidden.join(', ')}], batch ${batchSize}`,
    ...rates.map((rate) => rate.toPrecision(3)),
    peer ? peer.toPrecision(3) : '-',
    peer ? `${(Math.max(...rates) / peer).toFixed(1)} x` : '-',
    `${((100 * Math.max(...rates) * operations) / peak).toFixed(0)} %`,
  );
}
