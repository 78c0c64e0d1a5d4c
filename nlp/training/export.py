"""From a trained encoder to the file that is shipped: ONNX, then static int8.

Static, since with dynamic ranges the answer for one sentence would depend on what else is in its batch; per channel, since one range for a
whole matrix costs accuracy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import nn

from nlp.language.windows import Window
from nlp.training.network import Encoder


class _Whole(nn.Module):
    """The encoder for one window at a time: nothing is padded, so nothing is masked."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: torch.Tensor, written: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
        return self.encoder(ids, written, segments)


class _Calibration(CalibrationDataReader):
    def __init__(self, windows: Iterable[Window]) -> None:
        self._windows: Iterator[Window] = iter(windows)

    def get_next(self) -> dict[str, np.ndarray] | None:
        window = next(self._windows, None)
        return window.arrays() if window else None


def to_onnx(encoder: Encoder, path: Path) -> None:
    """Write the encoder (in eval mode: one left in training would export its dropout) as ONNX in float32."""
    encoder.eval()
    encoder.bert.config._attn_implementation = "eager"
    length = torch.export.Dim("pieces", min=2, max=512)
    example = torch.ones(1, 24, dtype=torch.int64)
    written = torch.zeros(1, 24, dtype=torch.int64)
    torch.onnx.export(
        _Whole(encoder),
        (example, written, written),
        str(path),
        input_names=["ids", "written", "segments"],
        output_names=["pieces"],
        dynamic_shapes=({1: length}, {1: length}, {1: length}),
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    encoder.bert.config._attn_implementation = "sdpa"


def to_int8(source: Path, target: Path, windows: list[Window]) -> None:
    """Quantise an ONNX file, with ranges measured on these windows."""
    prepared = target.with_suffix(".prepared.onnx")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared),
        str(target),
        _Calibration(windows),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
        # seven bits of a weight: processors without VNNI add pairs of products in 16 bits, which eight would run over
        reduce_range=True,
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        extra_options={
            "ActivationSymmetric": False,
            "WeightSymmetric": True,
            "DedicatedQDQPair": False,
            # what comes out of a product stays a float: a tenth faster, and a third nearer to the exact encoder
            "OpTypesToExcludeOutputQuantization": ["MatMul", "Gemm"],
        },
    )
    prepared.unlink()
    onnx.save(_bare(onnx.load(target)), target)


def _bare(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without the notes that the exporter left in it, paths of the machine that trained among them."""
    del model.metadata_props[:], model.graph.metadata_props[:]
    model.doc_string = model.graph.doc_string = ""
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        part.doc_string = ""
        del part.metadata_props[:]
    return model
