"""An objective as a command: ridge regression by gradient descent, whose settings are tuned.

    npx parzen run resources/examples/polynomial.yaml

Parameters come as JSON on stdin and in the environment; steps and the value are lines on stdout. Needs nothing but Python 3.
"""
import json
import math
import os
import random
import signal
import sys

params = json.load(sys.stdin)
rng = random.Random(int(os.environ["PARZEN_SEED"]))


def on_prune(_signal, _frame):
    # Parzen gives the trial up. There is time to save something, then it has to end.
    print(json.dumps({"userAttrs": {"ended_early": True}}))
    sys.exit(0)


signal.signal(signal.SIGTERM, on_prune)


def sample(n):
    xs = [rng.uniform(-1, 1) for _ in range(n)]
    return [(x, math.sin(3 * x) + rng.gauss(0, 0.1)) for x in xs]


def features(x):
    return [x**power for power in range(params["degree"] + 1)]


def predict(weights, x):
    return sum(w * f for w, f in zip(weights, features(x)))


def loss(weights, rows):
    return sum((predict(weights, x) - y) ** 2 for x, y in rows) / len(rows)


train, validation = sample(60), sample(60)
weights = [0.0] * (params["degree"] + 1)
for epoch in range(50):
    for x, y in train:
        error = predict(weights, x) - y
        weights = [
            w - params["rate"] * (error * f + params["decay"] * w)
            for w, f in zip(weights, features(x))
        ]
    print(epoch, loss(weights, validation))

print(json.dumps({"value": loss(weights, validation), "userAttrs": {"weights": weights}}))
