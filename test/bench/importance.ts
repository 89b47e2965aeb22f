/**
 * How long importances take for 10,000 random trials of 8 parameters of every kind (`npm run bench -- importance [nTrials]`), beside Optuna
 * where a Python with Optuna is found: `PARZEN_BENCH_PYTHON`, `python3` or `python`.
 */
import { spawnSync } from 'node:child_process';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  toExternal,
  type Distribution,
  type ParamValue,
} from '../../src-main/tuner/distributions.ts';
import { FanovaEvaluator } from '../../src-main/tuner/importance/fanova.ts';
import { studyOfTrials } from '../../src-main/tuner/importance/importance-data.ts';
import { MeanDecreaseImpurityEvaluator } from '../../src-main/tuner/importance/mean-decrease-impurity.ts';
import {
  getPairImportances,
  getParamImportances,
  type Importances,
} from '../../src-main/tuner/importance/param-importances.ts';
import { createRng } from '../../src-main/tuner/math/rng.ts';
import { internalFromUnit } from '../../src-main/tuner/search-space/transform.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';

const N_RUNS = 5;
const nTrials = Number(process.argv[2] ?? 10_000);

const space: Record<string, Distribution> = {
  x_float: createFloatDistribution(-5, 10),
  x_log: createFloatDistribution(1e-5, 0.1, { log: true }),
  x_step: createFloatDistribution(0, 1, { step: 0.1 }),
  n_int: createIntDistribution(1, 8),
  n_step: createIntDistribution(16, 128, { step: 16 }),
  n_log: createIntDistribution(1, 1000, { log: true }),
  c_cat: createCategoricalDistribution(['a', 'b', 'c', 'd']),
  c_bool: createCategoricalDistribution([false, true]),
};

const trials = Array.from({ length: nTrials }, (_, number) => randomTrial(number));
console.log(`${nTrials} trials, ${Object.keys(space).length} parameters, Node ${process.version}`);
await measure('PED-ANOVA', (study) => getParamImportances(study));
await measure('fANOVA', (study) =>
  getParamImportances(study, { evaluator: new FanovaEvaluator() }),
);
await measure('mean decrease impurity', (study) =>
  getParamImportances(study, { evaluator: new MeanDecreaseImpurityEvaluator() }),
);
await measure('fANOVA of all pairs', (study) => getPairImportances(study));
measureOptuna();

function randomTrial(number: number): FrozenTrial {
  const rng = createRng(number, 'bench');
  const internalParams: Record<string, number> = {};
  const params: Record<string, ParamValue> = {};
  for (const [name, distribution] of Object.entries(space)) {
    internalParams[name] = internalFromUnit(distribution, rng.uniform());
    params[name] = toExternal(distribution, internalParams[name]);
  }
  const of = (name: string): number => internalParams[name] as number;
  const value =
    of('x_float') ** 2 / 50 +
    (Math.log10(of('x_log')) + 3) ** 2 * (params.c_cat === 'c' ? 0.5 : 1) +
    of('x_step') * of('n_int') * 0.2 +
    Math.log(of('n_log')) * 0.1 +
    0.1 * rng.normal();
  return {
    trialId: number + 1,
    number,
    state: 'complete',
    values: [value],
    startedAtMs: 0,
    completedAtMs: 1,
    params,
    internalParams,
    distributions: space,
    intermediateValues: new Map(),
    userAttrs: {},
    systemAttrs: {},
  };
}

async function measure(
  title: string,
  run: (study: ReturnType<typeof studyOfTrials>) => Promise<Importances>,
): Promise<void> {
  const study = studyOfTrials(trials, ['minimize']);
  await study.getHistory();
  const times: number[] = [];
  let result: Importances | null = null;
  for (let i = 0; i < N_RUNS; i++) {
    const start = performance.now();
    result = await run(study);
    times.push(performance.now() - start);
  }
  print(title, times, result?.importances[0]?.params.join(' x ') ?? '');
}

function print(title: string, times: readonly number[], most: string): void {
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] as number;
  console.log(
    `  ${title.padEnd(24)} ${median.toFixed(1).padStart(9)} ms   (best ${(sorted[0] as number).toFixed(1)})   most important: ${most}`,
  );
}

/** Optuna's default evaluator, on trials of the same space with values of the same kind. */
function measureOptuna(): void {
  const script = `
import json, sys, time, math, random, warnings
warnings.filterwarnings("ignore")
try:
    import optuna
except ImportError:
    sys.exit(3)
optuna.logging.set_verbosity(optuna.logging.ERROR)
from optuna.distributions import FloatDistribution as F, IntDistribution as I, CategoricalDistribution as C
space = {"x_float": F(-5, 10), "x_log": F(1e-5, 0.1, log=True), "x_step": F(0, 1, step=0.1), "n_int": I(1, 8),
         "n_step": I(16, 128, step=16), "n_log": I(1, 1000, log=True), "c_cat": C(["a", "b", "c", "d"]), "c_bool": C([False, True])}
r = random.Random(0)
study = optuna.create_study()
trials = []
for _ in range(${nTrials}):
    p = {"x_float": r.uniform(-5, 10), "x_log": 10 ** r.uniform(-5, -1), "x_step": round(r.randrange(11) * 0.1, 10), "n_int": r.randint(1, 8),
         "n_step": 16 * r.randint(1, 8), "n_log": int(round(math.exp(r.uniform(0, math.log(1000))))), "c_cat": r.choice("abcd"), "c_bool": r.random() < 0.5}
    v = p["x_float"] ** 2 / 50 + (math.log10(p["x_log"]) + 3) ** 2 * (0.5 if p["c_cat"] == "c" else 1) + p["x_step"] * p["n_int"] * 0.2 + math.log(p["n_log"]) * 0.1 + r.gauss(0, 0.1)
    trials.append(optuna.trial.create_trial(params=p, distributions=space, value=v))
study.add_trials(trials)
times = []
for _ in range(${N_RUNS}):
    start = time.perf_counter()
    result = optuna.importance.get_param_importances(study, evaluator=optuna.importance.PedAnovaImportanceEvaluator())
    times.append(1000 * (time.perf_counter() - start))
print(json.dumps({"version": optuna.__version__, "times": times, "most": next(iter(result))}))
`;
  for (const python of [process.env.PARZEN_BENCH_PYTHON, 'python3', 'python']) {
    if (!python) continue;
    const { status, stdout } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
    if (status !== 0) continue;
    const { version, times, most } = JSON.parse(stdout) as {
      version: string;
      times: number[];
      most: string;
    };
    print(`PED-ANOVA, Optuna ${version}`, times, most);
    return;
  }
  console.log('  No Python with Optuna was found to compare with.');
}
