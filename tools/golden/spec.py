"""Makes tests/golden/spec/tiny_tensors.json: names and shapes of the state dict and of the linear
modules of a tiny Qwen3-VL, from transformers.

Run: HF_HUB_OFFLINE=1 python tools/golden/spec.py
"""

import json
import pathlib

import torch
import transformers
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

OUT = pathlib.Path(__file__).parents[2] / "tests/golden/spec/tiny_tensors.json"

config = Qwen3VLConfig(
    text_config=dict(
        vocab_size=64, hidden_size=24, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, intermediate_size=40, max_position_embeddings=128,
        rms_norm_eps=1e-6, hidden_act="silu", attention_bias=False,
        rope_parameters=dict(rope_type="default", rope_theta=10000.0, mrope_section=[2, 1, 1],
                             mrope_interleaved=True),
    ),
    vision_config=dict(
        depth=3, hidden_size=16, num_heads=2, intermediate_size=20, out_hidden_size=24,
        num_position_embeddings=16, patch_size=4, temporal_patch_size=2, spatial_merge_size=2,
        in_channels=3, deepstack_visual_indexes=[0, 2], hidden_act="gelu_pytorch_tanh",
    ),
    tie_word_embeddings=False, image_token_id=60, video_token_id=61, vision_start_token_id=62,
    vision_end_token_id=63, dtype="float32",
)
with torch.device("meta"):
    model = Qwen3VLForConditionalGeneration(config)

golden = {
    "origin": f"tools/golden/spec.py, transformers {transformers.__version__}",
    "config": json.loads(config.to_json_string()),
    "tensors": {name: list(value.shape) for name, value in model.state_dict().items()},
    "linears": {
        name: [module.in_features, module.out_features]
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and name != "lm_head"
    },
}
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps(golden) + "\n")
print(OUT, len(golden["tensors"]), "tensors")
