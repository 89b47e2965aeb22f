"""One ask with five mixed parameters and its tell, at a given number of finished trials, with Optuna's TPE.

Usage: ask_tell.py STORAGE N_TRIALS N_REPEATS (STORAGE may be "none"); prints the median milliseconds as JSON.
"""

import json
import random
import statistics
import sys
import time
import warnings

import optuna

storage, n_trials, n_repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
optuna.logging.set_verbosity(optuna.logging.WARNING)
warnings.simplefilter("ignore")
random.seed(0)

distributions = {
    "x": optuna.distributions.FloatDistribution(-5, 10),
    "lr": optuna.distributions.FloatDistribution(1e-5, 1e-1, log=True),
    "n": optuna.distributions.IntDistribution(1, 100),
    "q": optuna.distributions.FloatDistribution(0, 1, step=0.05),
    "c": optuna.distributions.CategoricalDistribution(["a", "b", "c", "d"]),
}
study = optuna.create_study(
    storage=None if storage == "none" else storage, sampler=optuna.samplers.TPESampler(seed=0)
)


def params():
    return {
        "x": random.uniform(-5, 10),
        "lr": 10 ** random.uniform(-5, -1),
        "n": random.randint(1, 100),
        "q": round(random.randint(0, 20) * 0.05, 10),
        "c": random.choice("abcd"),
    }


study.add_trials(
    optuna.create_trial(params=params(), distributions=distributions, value=random.random()) for _ in range(n_trials)
)
times = []
for _ in range(n_repeats + 1):
    start = time.perf_counter()
    trial = study.ask(distributions)
    study.tell(trial, random.random())
    times.append((time.perf_counter() - start) * 1000)
print(json.dumps({"ms": statistics.median(times[1:])}))
