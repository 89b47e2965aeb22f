"""The Pareto fronts that Optuna's genetic samplers find on a test problem.

Usage: genetic.py SAMPLER PROBLEM CROSSOVER N_SEEDS N_TRIALS; prints the values of the best trials of each seed as JSON.
"""

import json
import math
import sys
import warnings

import optuna
from optuna.samplers import nsgaii

sampler, problem, crossover = sys.argv[1:4]
n_seeds, n_trials = int(sys.argv[4]), int(sys.argv[5])
optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")

samplers = {"nsga-ii": optuna.samplers.NSGAIISampler, "nsga-iii": optuna.samplers.NSGAIIISampler}
crossovers = {
    "uniform": nsgaii.UniformCrossover,
    "blx-alpha": nsgaii.BLXAlphaCrossover,
    "spx": nsgaii.SPXCrossover,
    "sbx": nsgaii.SBXCrossover,
    "vsbx": nsgaii.VSBXCrossover,
    "undx": nsgaii.UNDXCrossover,
}


def zdt1(x):
    g = 1 + 9 * sum(x[1:]) / (len(x) - 1)
    return x[0], g * (1 - math.sqrt(x[0] / g))


def zdt2(x):
    g = 1 + 9 * sum(x[1:]) / (len(x) - 1)
    return x[0], g * (1 - (x[0] / g) ** 2)


def dtlz2(x):
    radius = 1 + sum((v - 0.5) ** 2 for v in x[2:])
    a, b = x[0] * math.pi / 2, x[1] * math.pi / 2
    return (
        radius * math.cos(a) * math.cos(b),
        radius * math.cos(a) * math.sin(b),
        radius * math.sin(a),
    )


n_params, n_objectives, evaluate = {
    "zdt1": (10, 2, zdt1),
    "zdt2": (10, 2, zdt2),
    "dtlz2": (8, 3, dtlz2),
}[problem]

fronts = []
for seed in range(n_seeds):
    study = optuna.create_study(
        directions=["minimize"] * n_objectives,
        sampler=samplers[sampler](seed=seed, crossover=crossovers[crossover]()),
    )
    study.optimize(
        lambda trial: evaluate([trial.suggest_float(f"x{i}", 0, 1) for i in range(n_params)]),
        n_trials=n_trials,
    )
    fronts.append([trial.values for trial in study.best_trials])
print(json.dumps(fronts))
