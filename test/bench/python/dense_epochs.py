"""Epochs per second of processor time of PyTorch on one thread: python dense_epochs.py SECONDS CASES, with CASES as JSON.

A case is {nRows, nInputs, nClasses, hidden, batchSize, dropout}. Prints a JSON list of [loader, sliced]: the
notebook's loop over a DataLoader, and the same with batches cut from one permutation, which is faster.
"""
import json
import sys
import time

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.set_num_threads(1)


def network(case):
    layers, width = [], case["nInputs"]
    for units in case["hidden"]:
        layers += [nn.Linear(width, units), nn.ReLU(), nn.Dropout(case["dropout"])]
        width = units
    return nn.Sequential(*layers, nn.Linear(width, case["nClasses"]))


def measure(case, seconds, batches):
    model = network(case)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)

    def epoch():
        model.train()
        total, correct = 0.0, 0
        for x, y in batches():
            outputs = model(x)
            loss = criterion(outputs, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * x.size(0)
            correct += (outputs.argmax(1) == y).sum().item()

    epoch()
    best = 0.0
    for _ in range(3):
        start, count = time.process_time(), 0
        while time.process_time() - start < seconds / 3:
            epoch()
            count += 1
        best = max(best, count / (time.process_time() - start))
    return best


def run(case, seconds):
    n = case["nRows"]
    x = torch.randn(n, case["nInputs"])
    y = torch.randint(case["nClasses"], (n,))
    loader = DataLoader(TensorDataset(x, y), batch_size=case["batchSize"], shuffle=True)

    def sliced():
        order = torch.randperm(n)
        for start in range(0, n, case["batchSize"]):
            rows = order[start : start + case["batchSize"]]
            yield x[rows], y[rows]

    return [measure(case, seconds, lambda: loader), measure(case, seconds, sliced)]


seconds = float(sys.argv[1])
print(json.dumps([run(case, seconds) for case in json.loads(sys.argv[2])]))
