"""Logistic or ridge regression with its strength chosen on the validation rows; prints its scores on the test rows."""
import json
import os
import sys

os.environ["OMP_NUM_THREADS"] = "1"  # Threads cost more than they bring on so few rows.

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, log_loss

data = json.load(open(sys.argv[1]))
(x, y), (vx, vy), (tx, ty) = [
    (np.array(data[part]["x"]), np.array(data[part]["y"])) for part in ("train", "validation", "test")
]
best = None
for strength in np.logspace(-4, 4, 33):
    if data["task"] == "classification":
        model = LogisticRegression(C=strength, max_iter=10000).fit(x, y.astype(int))
        if data["metric"] == "accuracy":
            loss = -accuracy_score(vy, model.predict(vx))
        else:
            loss = log_loss(vy, model.predict_proba(vx), labels=model.classes_)
    else:
        model = Ridge(alpha=strength).fit(x, y)
        loss = np.mean((model.predict(vx) - vy) ** 2)
    if best is None or loss < best[0]:
        best = (loss, strength, model)
_, strength, model = best
if data["task"] == "classification":
    scores = {
        "accuracy": accuracy_score(ty, model.predict(tx)),
        "logLoss": log_loss(ty, model.predict_proba(tx), labels=model.classes_),
    }
else:
    scores = {"rmse": float(np.sqrt(np.mean((model.predict(tx) - ty) ** 2))) * data["scale"]}
print(json.dumps({"strength": float(strength), **scores}))
