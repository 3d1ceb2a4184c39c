"""Makes tests/golden/tensorio/python.safetensors: one tensor per dtype, written by the reference
writer (PyPI `safetensors`, `torch`).

Run: HF_HUB_OFFLINE=1 python tools/golden/tensorio.py
Element k of each tensor is k - 2, except BOOL (k odd) and U8 (k).
"""

import pathlib

import safetensors
import torch
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).parents[2] / "tests/golden/tensorio/python.safetensors"

tensors = {
    "bool": torch.arange(5) % 2 == 1,
    "u8": torch.arange(5, dtype=torch.uint8),
    "empty": torch.zeros(0, 3, dtype=torch.float32),
    "scalar": torch.tensor(-2.0),
}
for name, dtype in {
    "i8": torch.int8,
    "i16": torch.int16,
    "i32": torch.int32,
    "i64": torch.int64,
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "f32": torch.float32,
    "f64": torch.float64,
}.items():
    tensors[name] = (torch.arange(6) - 2).to(dtype).reshape(2, 3)

OUT.parent.mkdir(parents=True, exist_ok=True)
origin = f"tools/golden/tensorio.py, safetensors {safetensors.__version__}"
save_file(tensors, OUT, metadata={"origin": origin})
print(OUT, OUT.stat().st_size, "bytes")
