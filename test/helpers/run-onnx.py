"""Checks an ONNX model in full and runs it: python run-onnx.py MODEL ROWS.json, rows in, outputs and metadata out, as JSON."""
import json
import sys

import numpy
import onnx
import onnxruntime

path, rows = sys.argv[1:]
onnx.checker.check_model(path, full_check=True)
session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
features = numpy.array(json.load(open(rows, encoding="utf-8")), numpy.float32)
(outputs,) = session.run(None, {session.get_inputs()[0].name: features})
metadata = session.get_modelmeta().custom_metadata_map
print(json.dumps({"outputs": outputs.tolist(), "metadata": metadata}))
