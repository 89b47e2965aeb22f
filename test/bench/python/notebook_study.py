"""The course notebook's study with Optuna and PyTorch: prints seconds, trials and epochs as one JSON line.

Usage: notebook_study.py STORAGE SEED TABLE SPLIT (STORAGE may be "none": in memory)
"""

import csv
import json
import sys
import time

import optuna
import torch
from torch import nn

storage, seed, table, split = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
torch.set_num_threads(1)
torch.manual_seed(seed)
optuna.logging.set_verbosity(optuna.logging.WARNING)

rows = list(csv.reader(open(table)))[1:]
names = sorted({row[-1] for row in rows})
x = torch.tensor([[float(cell) for cell in row[:-1]] for row in rows])
y = torch.tensor([names.index(row[-1]) for row in rows])
parts = json.load(open(split))
x = (x - x[parts["train"]].mean(0)) / x[parts["train"]].std(0, unbiased=False)


def loader(part, shuffle):
    return torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(x[parts[part]], y[parts[part]]), batch_size=16, shuffle=shuffle
    )


train_loader, val_loader = loader("train", True), loader("val", False)
n_epochs = 0


def run_epoch(model, criterion, optimizer):
    model.train()
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        loss.item()
    model.eval()
    n_correct = 0
    with torch.no_grad():
        for inputs, targets in val_loader:
            outputs = model(inputs)
            criterion(outputs, targets).item()
            n_correct += (outputs.argmax(1) == targets).sum().item()
    return n_correct / len(parts["val"])


def objective(trial):
    global n_epochs
    sizes, layers, previous = [], [], 4
    for i in range(trial.suggest_int("n_layers", 1, 3)):
        sizes.append(trial.suggest_categorical(f"hidden_dim_layer_{i}", [32, 64, 128, 256]))
    weight_decay = trial.suggest_float("weight_decay", 1e-5, 1e-2, log=True)
    learning_rate = trial.suggest_float("learning_rate", 1e-5, 1e-1, log=True)
    dropout = trial.suggest_float("dropout_rate", 0.0, 0.5)
    for size in sizes:
        layers += [nn.Linear(previous, size), nn.ReLU(), nn.Dropout(dropout)]
        previous = size
    model = nn.Sequential(*layers, nn.Linear(previous, len(names)))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, weight_decay=weight_decay)
    best, patience = 0.0, 0
    for epoch in range(100):
        accuracy = run_epoch(model, criterion, optimizer)
        n_epochs += 1
        if accuracy > best:
            best, patience = accuracy, 0
        else:
            patience += 1
            if patience >= 15:
                break
        trial.report(accuracy, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned()
    return best


study = optuna.create_study(
    direction="maximize",
    storage=None if storage == "none" else storage,
    sampler=optuna.samplers.TPESampler(seed=seed),
    pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=10),
)
start = time.perf_counter()
study.optimize(objective, n_trials=50)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "trials": len(study.trials), "epochs": n_epochs, "best": study.best_value}))
