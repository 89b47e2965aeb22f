"""Loads a study of Parzen's with Optuna, checks it, runs trials in it and writes Optuna's own CSV.

Usage: continue_study.py STORAGE_URL STUDY N_TRIALS CSV; prints what Optuna saw as JSON.
"""

import json
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.WARNING)
storage, name, n_trials, csv = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
study = optuna.load_study(study_name=name, storage=storage)
seen = {
    "directions": [direction.name for direction in study.directions],
    "metric_names": study.metric_names,
    "best": {"number": study.best_trial.number, "value": study.best_value, "params": study.best_params},
    "trials": [
        {
            "number": trial.number,
            "state": trial.state.name,
            "values": trial.values,
            "params": trial.params,
            "steps": len(trial.intermediate_values),
            "start": trial.datetime_start.isoformat(timespec="microseconds"),
        }
        for trial in study.trials
    ],
}


def objective(trial):
    for i in range(trial.suggest_int("n_layers", 1, 3)):
        trial.suggest_categorical(f"hidden_dim_layer_{i}", [32, 64, 128, 256])
    trial.suggest_float("weight_decay", 1e-5, 1e-2, log=True)
    trial.suggest_float("learning_rate", 1e-5, 1e-1, log=True)
    trial.suggest_float("dropout_rate", 0.0, 0.5)
    trial.report(0.1, 0)
    trial.set_user_attr("by", "Optuna")
    return 0.25


study.optimize(objective, n_trials=n_trials)
study.trials_dataframe().to_csv(csv)
print(json.dumps(seen))
