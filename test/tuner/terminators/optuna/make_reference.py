"""Writes reference.json beside this file: what Optuna's Gaussian process and terminators say of the trials made here.

Run with Optuna 5.0, torch and scipy: python make_reference.py
"""
import json
import math
import os
import warnings

import numpy as np
import optuna
import torch
from optuna._gp import gp, prior
from optuna._gp.search_space import SearchSpace
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.study import StudyDirection
from optuna.terminator import (
    CrossValidationErrorEvaluator,
    EMMREvaluator,
    MedianErrorEvaluator,
    RegretBoundEvaluator,
)
from optuna.terminator.improvement import evaluator as improvement

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

SPACES = {
    "floats": {"x": FloatDistribution(-5, 5), "y": FloatDistribution(1e-3, 10, log=True)},
    "mixed": {
        "x": FloatDistribution(0, 1),
        "n": IntDistribution(1, 9, step=2),
        "m": IntDistribution(1, 100, log=True),
        "c": CategoricalDistribution(["a", "b", "c"]),
    },
}


def value_of(name, params):
    if name == "floats":
        return (params["x"] - 1) ** 2 / 5 + (math.log10(params["y"]) + 1) ** 2 + math.sin(3 * params["x"])
    return (
        (params["x"] - 0.3) ** 2 * 4
        + 0.1 * params["n"]
        + 0.3 * math.log(params["m"])
        + {"a": 0.0, "b": 0.5, "c": 0.2}[params["c"]]
    )


def make_trials(name, n, seed):
    rng = np.random.RandomState(seed)
    trials = []
    for number in range(n):
        params = {}
        for key, d in SPACES[name].items():
            if isinstance(d, CategoricalDistribution):
                params[key] = d.choices[rng.randint(len(d.choices))]
            elif isinstance(d, IntDistribution):
                params[key] = int(rng.randint((d.high - d.low) // d.step + 1) * d.step + d.low)
            elif d.log:
                params[key] = float(np.exp(rng.uniform(np.log(d.low), np.log(d.high))))
            else:
                params[key] = float(rng.uniform(d.low, d.high))
        trial = optuna.trial.create_trial(
            params=params,
            distributions=SPACES[name],
            value=value_of(name, params) + 0.02 * rng.normal(),
            system_attrs={"terminator:cv_scores": [float(v) for v in rng.normal(size=5)]},
        )
        trial.number = number
        trials.append(trial)
    return trials


def standardized(values):
    return (values - values.mean()) / values.std()


def fit(name, trials, deterministic):
    space = SearchSpace(SPACES[name])
    points = space.get_normalized_params(trials)
    values = standardized(-np.array([t.value for t in trials]))
    regressor = gp.fit_kernel_params(
        X=points,
        Y=values,
        is_categorical=space.is_categorical,
        log_prior=prior.default_log_prior,
        minimum_noise=prior.DEFAULT_MINIMUM_NOISE_VAR,
        deterministic_objective=deterministic,
        gtol=1e-6,
    )
    probes = space.sample_normalized_params(12, np.random.RandomState(1))
    mean, variance = regressor.posterior(torch.from_numpy(probes))
    _, covariance = regressor.posterior(torch.from_numpy(probes[:2]), joint=True)
    return {
        "space": name,
        "deterministic": deterministic,
        "points": points.tolist(),
        "values": values.tolist(),
        "is_categorical": space.is_categorical.tolist(),
        "inverse_squared_lengthscales": regressor.inverse_squared_lengthscales.tolist(),
        "kernel_scale": regressor.kernel_scale.item(),
        "noise_var": regressor.noise_var.item(),
        "loss": -(regressor.marginal_log_likelihood() + prior.default_log_prior(regressor)).item(),
        "probes": probes.tolist(),
        "mean": mean.tolist(),
        "variance": variance.tolist(),
        "covariance_of_first_two": covariance[0, 1].item(),
    }


def judge(name, trials, direction):
    """Values over seeds, as the evaluators look for the highest bound among random points."""
    regret, emmr = [], []
    for seed in range(10):
        regret.append(RegretBoundEvaluator(seed=seed).evaluate(trials, direction))
        emmr.append(EMMREvaluator(seed=seed).evaluate(trials, direction))
    paired = EMMREvaluator(seed=0)
    return {
        "space": name,
        "direction": direction.name.lower(),
        "regret_bound": regret,
        "emmr": emmr,
        "median_error_of_emmr": MedianErrorEvaluator(paired).evaluate(trials, direction),
        "median_error_of_regret_bound": MedianErrorEvaluator(RegretBoundEvaluator(seed=0)).evaluate(
            trials, direction
        ),
        "cross_validation_error": CrossValidationErrorEvaluator().evaluate(trials, direction),
    }


def main():
    trials = {name: make_trials(name, 45, seed) for seed, name in enumerate(SPACES)}
    reference = {
        "meta": {"optuna": optuna.__version__, "torch": torch.__version__, "numpy": np.__version__},
        "beta": [[d, n, improvement._get_beta(d, n)] for d, n in ((1, 1), (2, 20), (8, 300))],
        "trials": {
            name: [
                {
                    "params": t.params,
                    "value": t.value,
                    "cv_scores": t.system_attrs["terminator:cv_scores"],
                }
                for t in some
            ]
            for name, some in trials.items()
        },
        "fits": [
            fit(name, some[:n], deterministic)
            for name, some in trials.items()
            for n, deterministic in ((12, False), (40, False), (40, True))
        ],
        "evaluators": [
            judge(name, some, direction)
            for name, some in trials.items()
            for direction in (StudyDirection.MINIMIZE, StudyDirection.MAXIMIZE)
        ],
    }
    with open(os.path.join(os.path.dirname(__file__), "reference.json"), "w") as file:
        json.dump(reference, file, indent=1)
        file.write("\n")


main()
