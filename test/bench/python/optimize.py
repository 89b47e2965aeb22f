"""How long Optuna's optimize takes with random search: storage URL, number of trials. Prints {"seconds"} as JSON."""

import json
import math
import sys
import time

import optuna


def objective(trial: optuna.Trial) -> float:
    x = trial.suggest_float("x", -5, 10)
    rate = trial.suggest_float("rate", 1e-5, 1e-1, log=True)
    n = trial.suggest_int("n", 1, 100)
    share = trial.suggest_float("share", 0, 1, step=0.05)
    kind = trial.suggest_categorical("kind", ["a", "b", "c", "d"])
    return x**2 + math.log10(rate) + n / 100 + share + (0 if kind == "b" else 1)


optuna.logging.set_verbosity(optuna.logging.ERROR)
url, n_trials = sys.argv[1], int(sys.argv[2])
study = optuna.create_study(storage=url, sampler=optuna.samplers.RandomSampler(seed=1))
started_at = time.perf_counter()
study.optimize(objective, n_trials=n_trials)
print(json.dumps({"seconds": time.perf_counter() - started_at}))
