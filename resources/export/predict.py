"""Predicts __TARGET__ for the rows of a CSV file, with networks that Parzen trained. Needs PyTorch.

    python predict.py rows.csv > predictions.csv

The file has a header with these columns, in any order: __COLUMNS__.
Options, where it is written in another way than the table that was trained with: --delimiter ";", --decimal ",", --thousands "." and --encoding windows-1252.
"""
import argparse
import base64
import codecs
import csv
import datetime
import io
import json
import math
import re
import sys

import torch
from torch import nn

MODEL = json.loads(__MODEL__)

MISSING = {"", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"}
TIME = r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?)?"
DATES = {
    "iso": r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?)? ?(?:Z|[+-]\d{2}:?\d{2})?",
    "dayFirst": r"(?P<day>\d{1,2})(?P<mark>[./-])(?P<month>\d{1,2})(?P=mark)(?P<year>\d{4})" + TIME,
    "monthFirst": r"(?P<month>\d{1,2})(?P<mark>[./-])(?P<day>\d{1,2})(?P=mark)(?P<year>\d{4})" + TIME,
}
PARTS = {
    "year": lambda d: d.year,
    "month": lambda d: d.month - 1,
    "day": lambda d: d.day - 1,
    "weekday": lambda d: d.weekday(),
    "hour": lambda d: d.hour + d.minute / 60,
}
NUMBERS = {
    ".": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?",
    ",": r"[+-]?([0-9]+(,[0-9]*)?|,[0-9]+)([eE][+-]?[0-9]+)?",
}
THOUSANDS = {
    "none": None,
    ".": r"[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]*)?",
    ",": r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?",
    " ": "[+-]?[1-9][0-9]{0,2}([ \u00a0\u202f][0-9]{3})+([.,][0-9]*)?",
    "'": "[+-]?[1-9][0-9]{0,2}(['\u2019][0-9]{3})+([.,][0-9]*)?",
}
# By column: values that the network has not met.
UNKNOWN = {}
# Of 32-bit numbers, which networks compute with.
LARGEST = 3.4028234663852886e38
PERIODS = {"month": 12, "day": 31, "weekday": 7, "hour": 24}


def to_number(cell, decimal, thousands):
    """None where the cell is no number that is written so."""
    grouped = THOUSANDS[thousands]
    if grouped and re.fullmatch(grouped, cell):
        before, mark, after = cell.partition(decimal)
        cell = re.sub("[^0-9+-]", "", before) + mark + after
    return float(cell.replace(",", ".")) if re.fullmatch(NUMBERS[decimal], cell) else None


def to_date(cell, pattern):
    """None where there is no such day or time, such as 31 February."""
    found = re.fullmatch(pattern, cell, re.ASCII)
    if found is None:
        return None
    groups = {name: int(text or 0) for name, text in found.groupdict().items() if name != "mark"}
    try:
        return datetime.datetime(**groups)
    except ValueError:
        return None


def encode(encoding, cell, marks, where):
    """The features of one cell."""
    is_gap = cell in MISSING
    if encoding["type"] == "category":
        values = encoding["values"]
        features = [0.0] * (len(values) + int(encoding["hasOthers"]))
        value = encoding["fill"] if is_gap else cell
        if value in values:
            features[values.index(value)] = 1.0
        elif encoding["hasOthers"]:
            features[-1] = 1.0
        if value not in values and not is_gap:
            UNKNOWN.setdefault(encoding["column"], {})[value] = True
        return features
    flag = [float(is_gap)] if encoding["flagsMissing"] else []
    if encoding["type"] == "number":
        if is_gap and encoding["fill"] is None:
            sys.exit(f"{where} has no value, and the network never saw that.")
        if is_gap:
            value = encoding["fill"]
        elif encoding["order"] is not None:
            if cell not in encoding["order"]:
                sys.exit(f"{where} has {cell!r}, but must have one of {', '.join(encoding['order'])}.")
            value = encoding["order"].index(cell)
        else:
            value = to_number(cell, *marks)
            if value is None:
                sys.exit(f'{where} has {cell!r}, but must have a number with decimals after "{marks[0]}" (--decimal says what stands there, --thousands what stands between thousands).')
        scaled = (value - encoding["center"]) / encoding["scale"]
        if not abs(scaled) <= LARGEST:
            sys.exit(f"{where} has {cell!r}, which is too large to compute with.")
        return [scaled, *flag]
    date = None if is_gap else to_date(cell, DATES[encoding["format"]])
    if not encoding["allowsMissing"] if is_gap else date is None:
        sys.exit(f"{where} has {cell!r} where a date must be.")
    features = []
    for part in encoding["parts"]:
        if is_gap:
            features += part["fill"]
            continue
        value = PARTS[part["part"]](date)
        if part["isCyclic"]:
            angle = 2 * math.pi * value / PERIODS[part["part"]]
            features += [math.sin(angle), math.cos(angle)]
        else:
            features.append((value - part["center"]) / part["scale"])
    return features + flag


ACTIVATIONS = {
    "linear": nn.Identity(),
    "relu": nn.ReLU(),
    "leakyRelu": nn.LeakyReLU(0.01),
    "elu": nn.ELU(),
    "selu": nn.SELU(),
    "tanh": nn.Tanh(),
    "swish": nn.SiLU(),
    "gelu": nn.GELU(),
}


class Network(nn.Module):
    """One trained network, from features to logits or standardized values."""

    def __init__(self, plan):
        super().__init__()
        self.plan = plan
        for name, data in plan["weights"].items():
            values = torch.frombuffer(bytearray(base64.b64decode(data)), dtype=torch.float32)
            self.register_buffer(name.replace(".", "_"), values.reshape(plan["shapes"][name]))

    def at(self, layer, role):
        return getattr(self, f"dense_{layer}_{role}")

    def dense(self, x, layer):
        return x @ self.at(layer, "kernel") + self.at(layer, "bias")

    def normalize(self, y, norm, name):
        """The last dimension are the units."""
        if norm == "none":
            return y
        scale, shift = getattr(self, f"{name}_normScale"), getattr(self, f"{name}_normShift")
        if norm == "layer":
            return nn.functional.layer_norm(y, scale.shape, scale, shift, 1e-5)
        mean, variance = getattr(self, f"{name}_runningMean"), getattr(self, f"{name}_runningVariance")
        return (y - mean) / torch.sqrt(variance + 1e-5) * scale + shift

    def convolve(self, x):
        image = self.plan["convolution"]["image"]
        x = x.reshape(-1, image["height"], image["width"], image["channels"])
        for i, block in enumerate(self.plan["convolution"]["layers"]):
            kernel = getattr(self, f"convolution_{i}_kernel").permute(3, 2, 0, 1)
            pads = []
            for size in (block["kernelWidth"], block["kernelHeight"]):
                pads += [(size - 1) // 2, size - 1 - (size - 1) // 2]
            sums = nn.functional.conv2d(
                nn.functional.pad(x.permute(0, 3, 1, 2), pads), kernel, getattr(self, f"convolution_{i}_bias")
            ).permute(0, 2, 3, 1)
            y = ACTIVATIONS[block["activation"]](self.normalize(sums, block["norm"], f"convolution_{i}"))
            x = nn.functional.max_pool2d(y.permute(0, 3, 1, 2), (block["poolHeight"], block["poolWidth"])).permute(0, 2, 3, 1)
        return x.reshape(len(x), -1)

    def forward(self, features):
        blocks, read = [], 0
        for i, embedding in enumerate(self.plan["embeddings"]):
            start, end = embedding["start"], embedding["start"] + embedding["nCategories"]
            blocks += [features[:, read:start], features[:, start:end] @ getattr(self, f"embedding_{i}_embedding")]
            read = end
        x = torch.cat([*blocks, features[:, read:]], dim=1)
        if self.plan["convolution"]:
            x = self.convolve(x)
        for i, layer in enumerate(self.plan["layers"]):
            y = self.normalize(self.dense(x, i), layer["norm"], f"dense_{i}")
            y = ACTIVATIONS[layer["activation"]](y)
            if layer["skip"] == "identity":
                y = y + x
            elif layer["skip"] == "projection":
                y = y + x @ self.at(i, "projection")
            x = y
        return self.dense(x, len(self.plan["layers"]))


def answer(outputs):
    if MODEL["classes"] is not None:
        return torch.softmax(outputs.double(), dim=1)
    scales = MODEL["targetScales"]
    mean = torch.tensor([scale["mean"] for scale in scales], dtype=torch.float64)
    return mean + torch.tensor([scale["scale"] for scale in scales], dtype=torch.float64) * outputs.double()


def read_text(path, encoding):
    """The file's text: UTF-16 where a byte order mark says so, UTF-8, or as the table that was trained with."""
    tried = [encoding] if encoding else list(dict.fromkeys(["utf-8", MODEL["table"]["encoding"]]))
    with open(path, "rb") as file:
        is_marked = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for label in ["utf-16"] + tried if is_marked and not encoding else tried:
        try:
            with open(path, encoding=label, newline="") as file:
                text = file.read().removeprefix("\ufeff")
        except UnicodeError:
            continue
        # What is UTF-16 may look like UTF-8 with a NUL at every second place.
        if "\0" not in text:
            return text
    sys.exit(f"{path} is not {' or '.join(tried)} text. Say what it is: --encoding windows-1252.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("csv")
    parser.add_argument("--delimiter")
    parser.add_argument("--decimal", choices=[".", ","], default=MODEL["table"]["decimal"])
    parser.add_argument("--thousands", choices=list(THOUSANDS))
    parser.add_argument("--encoding")
    options = parser.parse_args()
    thousands = options.thousands or (MODEL["table"]["thousands"] if MODEL["table"]["thousands"] != options.decimal else "none")
    if thousands == options.decimal:
        parser.error("--thousands must not be what --decimal is.")
    text = read_text(options.csv, options.encoding)
    header = text.splitlines()[0] if text else ""
    delimiter = options.delimiter or max([",", ";", "\t", "|"], key=header.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    names, *rows = [[cell.strip() for cell in line] for line in lines if line] or [[]]
    for encoding in MODEL["encodings"]:
        if encoding["column"] not in names:
            sys.exit(f'{options.csv} has no column "{encoding["column"]}".')
    features = []
    for i, row in enumerate(rows):
        if len(row) != len(names):
            sys.exit(f"{options.csv}: row {i} must have {len(names)} cells, as the header has, but has {len(row)}.")
        cells = []
        for encoding in MODEL["encodings"]:
            column = encoding["column"]
            cells += encode(encoding, row[names.index(column)], (options.decimal, thousands), f'{options.csv}: row {i}, column "{column}"')
        features.append(cells)
    for column, values in UNKNOWN.items():
        shown = ", ".join(json.dumps(value, ensure_ascii=False) for value in list(values)[:10])
        more = ", …" if len(values) > 10 else ""
        print(
            f'Column "{column}": {shown}{more} unknown from training; counts as none of the known categories, or as a rare one.',
            file=sys.stderr,
        )
    x = torch.tensor(features, dtype=torch.float64).float()
    with torch.no_grad():
        answers = torch.stack([answer(Network(plan)(x)) for plan in MODEL["members"]]).mean(dim=0)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    classes, targets = MODEL["classes"], MODEL["targets"]
    if classes is None:
        writer.writerow([f"predicted_{name}" for name in targets])
        writer.writerows(answers.tolist())
    else:
        writer.writerow([f"predicted_{targets[0]}", *(f"probability_{name}" for name in classes)])
        for row in answers:
            writer.writerow([classes[int(row.argmax())], *row.tolist()])


if __name__ == "__main__":
    main()
