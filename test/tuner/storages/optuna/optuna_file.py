"""What real Optuna makes of a study file: SQLite, or a journal where the name ends in .log. Run by the tests where a Python with Optuna is there.

    optuna_file.py dump FILE            all studies as JSON (with Python's NaN and Infinity)
    optuna_file.py upgrade FILE         `optuna storage upgrade`
    optuna_file.py continue FILE N      N more trials in the first study: the waiting ones first
    optuna_file.py make FILE            a study with everything that is difficult to store
    optuna_file.py json                 reads lines of JSON texts, writes json.dumps(json.loads(line))
    optuna_file.py distributions        the same with distributions
"""

import datetime
import json
import sys

import optuna
from optuna.distributions import distribution_to_json, json_to_distribution
from optuna.trial import TrialState, create_trial

optuna.logging.set_verbosity(optuna.logging.ERROR)


def url(file):
    if file.endswith(".log"):
        backend = optuna.storages.journal.JournalFileBackend(file)
        return optuna.storages.JournalStorage(backend)
    return f"sqlite:///{file}"


def utc(time):
    """The time as the column holds it: Optuna 5 hands local times out."""
    return time and time.astimezone(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")


def dump(file):
    storage = optuna.storages.get_storage(url(file))
    studies = []
    for frozen in storage.get_all_studies():
        trials = [
            {
                "trialId": trial._trial_id,
                "number": trial.number,
                "state": trial.state.name.lower(),
                "values": trial.values,
                "start": utc(trial.datetime_start),
                "complete": utc(trial.datetime_complete),
                "params": list(trial.params.items()),
                "internalParams": [
                    trial.distributions[name].to_internal_repr(value)
                    for name, value in trial.params.items()
                ],
                "distributions": [
                    distribution_to_json(trial.distributions[name]) for name in trial.params
                ],
                "intermediateValues": sorted(trial.intermediate_values.items()),
                "userAttrs": trial.user_attrs,
                "systemAttrs": trial.system_attrs,
            }
            for trial in storage.get_all_trials(frozen._study_id)
        ]
        studies.append(
            {
                "studyName": frozen.study_name,
                "directions": [direction.name.lower() for direction in frozen.directions],
                "userAttrs": frozen.user_attrs,
                "systemAttrs": frozen.system_attrs,
                "trials": trials,
            }
        )
    print(json.dumps(studies))


def objective(trial):
    x = trial.suggest_float("x", -1, 1)
    trial.report(x, 0)
    trial.set_user_attr("by", "optuna")
    return x * x


def resume(file, n_trials):
    storage = url(file)
    name = optuna.get_all_study_names(storage)[0]
    study = optuna.load_study(
        study_name=name, storage=storage, sampler=optuna.samplers.RandomSampler(seed=1)
    )
    study.optimize(objective, n_trials=int(n_trials))


def make(file):
    study = optuna.create_study(storage=url(file), study_name="Schwierig 難 🎯", directions=["minimize", "maximize"])
    study.set_metric_names(["loss", "accuracy"])
    study.set_user_attr("nested", {"list": [1, 2.5, None, float("nan")], "text": "ü\n\"'\\"})
    study.set_user_attr("long", "x" * 5000)
    trial = study.ask()
    trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    trial.suggest_float("momentum", 0.5, 0.9, step=0.1)
    trial.suggest_int("layers", 1, 9, step=2)
    trial.suggest_int("units", 1, 1024, log=True)
    trial.suggest_categorical("optimizer", ["adam", "sgd", None, True, 1, 0.5, float("nan")])
    trial.suggest_categorical("hidden", ((64, 32), (128,)))
    trial.set_user_attr("infinite", float("-inf"))
    storage = study._storage
    storage.set_trial_system_attr(trial._trial_id, "constraints", [0.5, float("inf")])
    storage.set_trial_system_attr(trial._trial_id, "constraints:a", -1.0)
    study.tell(trial, [float("inf"), 1e300])
    study.enqueue_trial({"lr": 0.01, "optimizer": "sgd"}, user_attrs={"why": "a hunch"})
    study.add_trial(
        create_trial(
            state=TrialState.PRUNED,
            params={"lr": 0.001},
            distributions={"lr": optuna.distributions.FloatDistribution(1e-5, 1e-1, log=True)},
            intermediate_values={3: float("nan"), 1: float("inf"), 2: float("-inf"), 0: 0.1},
        )
    )
    single = optuna.create_study(storage=url(file), study_name="one objective", direction="maximize")
    running = single.ask()
    running.suggest_float("x", 0, 1)
    running.report(float("nan"), 0)
    running.report(0.1 + 0.2, 1)
    single.tell(single.ask(), state=TrialState.FAIL)


def echo(convert):
    for line in sys.stdin:
        print(convert(line))


command, *arguments = sys.argv[1:]
{
    "dump": dump,
    "upgrade": lambda file: optuna.storages.RDBStorage(
        url(file), skip_compatibility_check=True
    ).upgrade(),
    "continue": resume,
    "make": make,
    "json": lambda: echo(lambda line: json.dumps(json.loads(line))),
    "distributions": lambda: echo(
        lambda line: distribution_to_json(json_to_distribution(line))
    ),
}[command](*arguments)
