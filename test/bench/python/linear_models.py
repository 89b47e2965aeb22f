"""Logistic or ridge regression with its strength chosen on the validation rows of all folds; prints its scores on the test rows."""
import json
import os
import sys

os.environ["OMP_NUM_THREADS"] = "1"  # Threads cost more than they bring on so few rows.

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, log_loss

data = json.load(open(sys.argv[1]))
is_classification = data["task"] == "classification"


def rows(part):
    return np.array(part["x"]), np.array(part["y"])


def fit(strength, x, y):
    if is_classification:
        return LogisticRegression(C=strength, max_iter=10000).fit(x, y.astype(int))
    return Ridge(alpha=strength).fit(x, y)


def loss(model, x, y):
    if not is_classification:
        return np.sqrt(np.mean((model.predict(x) - y) ** 2))
    if data["metric"] == "accuracy":
        return -accuracy_score(y, model.predict(x))
    return log_loss(y, model.predict_proba(x), labels=model.classes_)


def mean_loss(strength):
    return np.mean(
        [loss(fit(strength, *rows(fold["train"])), *rows(fold["validation"])) for fold in data["folds"]]
    )


strength = min(np.logspace(-4, 4, 17), key=mean_loss)
parts = [rows(part) for part in data["fit"]]
model = fit(strength, np.vstack([x for x, _ in parts]), np.concatenate([y for _, y in parts]))
x, y = rows(data["test"])
if is_classification:
    scores = {
        "accuracy": accuracy_score(y, model.predict(x)),
        "logLoss": log_loss(y, model.predict_proba(x), labels=model.classes_),
    }
else:
    scores = {"rmse": loss(model, x, y) * data["scale"]}
print(json.dumps({"strength": float(strength), **scores}))
