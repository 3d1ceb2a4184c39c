"""Makes tests/golden/prompt/: a small model folder without weights (model/), and in cases.json what
transformers makes of conversations with it: rendered text, token ids, positions, reply masks.

Run: HF_HUB_OFFLINE=1 LMC_TEST_DATA=DIR python tools/golden/prompt.py
DIR holds the published Qwen3-VL files (qwen3_vl/). With them the script also checks that our own
short templates render like the published one and adds ids of the published vocabulary.
"""

import json
import os
import pathlib

import numpy as np
import torch
import transformers
from PIL import Image
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers import trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast, Qwen3VLConfig, Qwen3VLProcessor
from transformers.models.qwen3_vl.modeling_qwen3_vl import Qwen3VLModel

ROOT = pathlib.Path(__file__).parents[2]
OUT = ROOT / "tests/golden/prompt"
MODEL = OUT / "model"
DATA = pathlib.Path(os.environ.get("LMC_TEST_DATA", ROOT.parent / "shared/data")) / "qwen3_vl"
ORIGIN = f"tools/golden/prompt.py, transformers {transformers.__version__}"

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
ADDED = """<|endoftext|> <|im_start|> <|im_end|> <|object_ref_start|> <|object_ref_end|> <|box_start|>
<|box_end|> <|quad_start|> <|quad_end|> <|vision_start|> <|vision_end|> <|vision_pad|> <|image_pad|>
<|video_pad|> <tool_call> </tool_call> <|fim_prefix|> <|fim_middle|> <|fim_suffix|> <|fim_pad|>
<|repo_name|> <|file_sep|> <tool_response> </tool_response> <think> </think>""".split()
NUM_SPECIAL = 14  # the rest are added tokens that are not special
BASE_VOCAB = 374

CORPUS = """user
assistant
system
Question: What does the image show?
A. Pleural effusion
B. Pneumothorax on the left side
C. Consolidation of the right lower lobe
D. Normal chest radiograph
Answer: A
Answer: B
Answer: C
Answer: D
The image shows a chest radiograph. There is a dense area in the right lower zone with air
bronchograms, which is consistent with consolidation. The costophrenic angle is clear.
Reason step by step from what the image shows. Then end with one line.
Reply with one line, where X is the letter of the correct option.
Figure caption: axial slice through the upper abdomen.
"""

INSTRUCT = """{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.content is string %}{{- message.content }}
{%- else %}
{%- for part in message.content %}
{%- if part.type == 'image' %}{{- '<|vision_start|><|image_pad|><|vision_end|>' }}
{%- else %}{{- part.text }}{%- endif %}
{%- endfor %}
{%- endif %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"""

# Turns before the last question lose their reasoning; the last turn always shows its block.
THINKING = """{%- set last = namespace(user=messages|length - 1) %}
{%- for message in messages %}
{%- if message.role == 'user' %}{%- set last.user = loop.index0 %}{%- endif %}
{%- endfor %}
{%- for message in messages %}
{%- set text = namespace(value='') %}
{%- if message.content is string %}{%- set text.value = message.content %}
{%- else %}
{%- for part in message.content %}
{%- if part.type == 'image' %}
{%- set text.value = text.value + '<|vision_start|><|image_pad|><|vision_end|>' %}
{%- else %}{%- set text.value = text.value + part.text %}{%- endif %}
{%- endfor %}
{%- endif %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.role == 'assistant' %}
{%- set reasoning = '' %}
{%- set answer = text.value %}
{%- if '</think>' in answer %}
{%- set reasoning = answer.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
{%- set answer = answer.split('</think>')[-1].lstrip('\\n') %}
{%- endif %}
{%- if loop.index0 > last.user and (loop.last or reasoning) %}
{{- '<think>\\n' + reasoning.strip('\\n') + '\\n</think>\\n\\n' + answer.lstrip('\\n') }}
{%- else %}{{- answer }}{%- endif %}
{%- else %}{{- text.value }}{%- endif %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n<think>\\n' }}{%- endif %}"""


def write_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def make_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(PATTERN), "isolated"), byte_level])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(CORPUS.splitlines(keepends=True), trainers.BpeTrainer(
        vocab_size=BASE_VOCAB, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False))
    assert tokenizer.get_vocab_size() == BASE_VOCAB
    for index, token in enumerate(ADDED):
        added = AddedToken(token, normalized=False, special=index < NUM_SPECIAL)
        (tokenizer.add_special_tokens if added.special else tokenizer.add_tokens)([added])
        assert tokenizer.token_to_id(token) == BASE_VOCAB + index
    tokenizer.save(str(MODEL / "tokenizer.json"))


def token_id(token):
    return BASE_VOCAB + ADDED.index(token)


CONFIG = {
    "architectures": ["Qwen3VLForConditionalGeneration"], "model_type": "qwen3_vl",
    "dtype": "float32", "tie_word_embeddings": True, "image_token_id": token_id("<|image_pad|>"),
    "video_token_id": token_id("<|video_pad|>"),
    "vision_start_token_id": token_id("<|vision_start|>"),
    "vision_end_token_id": token_id("<|vision_end|>"),
    "text_config": {
        "attention_bias": False, "head_dim": 16, "hidden_act": "silu", "hidden_size": 32,
        "intermediate_size": 48, "max_position_embeddings": 4096, "model_type": "qwen3_vl_text",
        "num_attention_heads": 4, "num_hidden_layers": 3, "num_key_value_heads": 2,
        "rms_norm_eps": 1e-6, "vocab_size": BASE_VOCAB + len(ADDED),
        "rope_parameters": {"mrope_interleaved": True, "mrope_section": [4, 2, 2],
                            "rope_theta": 10000.0, "rope_type": "default"}},
    "vision_config": {
        "deepstack_visual_indexes": [0, 1], "depth": 3, "hidden_act": "gelu_pytorch_tanh",
        "hidden_size": 32, "in_channels": 3, "intermediate_size": 48, "model_type": "qwen3_vl",
        "num_heads": 2, "num_position_embeddings": 64, "out_hidden_size": 32, "patch_size": 16,
        "spatial_merge_size": 2, "temporal_patch_size": 2},
}
PREPROCESSOR = {
    "size": {"longest_edge": 65536, "shortest_edge": 4096}, "patch_size": 16,
    "temporal_patch_size": 2, "merge_size": 2, "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
    "processor_class": "Qwen3VLProcessor", "image_processor_type": "Qwen2VLImageProcessorFast",
}
GENERATION = {"eos_token_id": [token_id("<|im_end|>"), token_id("<|endoftext|>")]}


def user(*parts):
    return {"role": "user", "content": [
        {"type": "image"} if part is None else {"type": "text", "text": part} for part in parts]}


def turn(role, text):
    return {"role": role, "content": [{"type": "text", "text": text}]}


QUESTION = "Question: What does the image show?\nA. Effusion\nB. Normal\n\nReply with one line."

# name, messages, image sizes (height, width), reply to learn or None.
CASES = [
    ("picture first", [user(None, QUESTION)], [(64, 96)], "Answer: B"),
    ("no picture", [user(QUESTION)], [], "The lung is clear.\n\nAnswer: B"),
    ("system", [turn("system", "Be brief."), user(None, QUESTION)], [(160, 64)], "Answer: A"),
    ("two pictures, text between", [user("Compare ", None, " with ", None, " now.\n")],
     [(64, 64), (96, 160)], "They differ.\n\nAnswer: C"),
    ("adjacent texts", [user("one", "two ", " three", None, "\n\nfour")], [(300, 200)], "  five "),
    ("several turns", [user(None, QUESTION), turn("assistant", "Answer: A"), user("Why?")],
     [(64, 64)], "Because of the angle."),
    ("reasoned turn", [user(QUESTION), turn("assistant", "<think>\nDense.\n</think>\n\nAnswer: A"),
                       user(None, "And here?")], [(64, 128)], "Answer: B"),
    ("letters of many kinds", [user("Größe 3 × 4 cm, 日本語, e\u0301, \U0001F600\t\r\n  end  ")], [],
     "\u00b5m\u2009\u2264 5"),
    ("empty text", [user("")], [], "x"),
]
# Rendered only: the last turn is the assistant's.
ENDS_WITH_REPLY = [
    ("reply last", [user(QUESTION), turn("assistant", "Answer: A")]),
    ("reasoned reply last", [user(QUESTION),
                             turn("assistant", "<think>\nDense.\n\n</think>\n\nAnswer: A")]),
    ("two replies", [user("a"), turn("assistant", "b"), turn("assistant", "c")]),
    ("no question", [turn("system", "s"), turn("assistant", "b")]),
]


def image(height, width):
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.stack([(7 * x + 13 * y + 29 * c) % 256 for c in range(3)], -1)
                           .astype(np.uint8))


class ImageProcessor(Qwen3VLProcessor):
    """The processor without its video part, which would need torchvision."""

    def check_argument_for_proper_class(self, name, argument):
        if name != "video_processor":
            return super().check_argument_for_proper_class(name, argument)


def processor_with(tokenizer, template):
    image_processor = transformers.AutoImageProcessor.from_pretrained(MODEL)
    return ImageProcessor(image_processor=image_processor, tokenizer=tokenizer,
                            video_processor=None, chat_template=template)


def positions_of(ids, grids, image_token):
    config = Qwen3VLConfig(**{k: v for k, v in CONFIG.items() if k != "architectures"})
    with torch.device("meta"):
        model = Qwen3VLModel(config)
    ids = torch.tensor([ids])
    positions, delta = model.get_rope_index(
        ids, mm_token_type_ids=(ids == image_token).int(),
        image_grid_thw=torch.tensor(grids) if grids else None, attention_mask=torch.ones_like(ids))
    return positions[:, 0].tolist(), int(delta.reshape(-1)[0]) + ids.shape[1]


def encode(processor, text, images):
    out = processor(text=[text], images=images or None, return_tensors="pt")
    return out["input_ids"][0].tolist(), out.get("image_grid_thw", torch.zeros(0, 3)).tolist()


def make_case(processors, name, messages, sizes, reply):
    case = {"name": name, "messages": messages}
    for style, processor in processors.items():
        render = lambda m, g, processor=processor: processor.apply_chat_template(
            m, tokenize=False, add_generation_prompt=g)
        entry = {"text": render(messages, False), "prompt": render(messages, True)}
        if reply is not None:
            images = [image(*size) for size in sizes]
            ids, grids = encode(processor, entry["prompt"], images)
            positions, next_position = positions_of(ids, grids, token_id("<|image_pad|>"))
            entry |= {"ids": ids, "grids": grids, "positions": positions,
                      "next_position": next_position}
            spoken = reply if style == "instruct" else f"Look.\n</think>\n\n{reply}"
            full, _ = encode(processor, entry["prompt"] + spoken + "<|im_end|>", images)
            assert full[:len(ids)] == ids
            entry |= {"reply": spoken, "reply_ids": full[len(ids):]}
        case[style] = entry
    return case


def rope_examples():
    image = token_id("<|image_pad|>")
    examples = []
    for ids, grids in [
        ([1, 1, 1, 2] + [image] * 6 + [3] + [1] * 7, [[1, 4, 6]]),
        ([1, 1, 2] + [image] * 4 + [3, 1, 2] + [image] * 6 + [3, 1], [[1, 4, 4], [1, 6, 4]]),
        ([1] * 5, []),
        ([image] * 20 + [1], [[1, 10, 8]]),
    ]:
        positions, next_position = positions_of(ids, grids, image)
        examples.append({"ids": ids, "grids": grids, "positions": positions,
                         "next_position": next_position})
    return examples


def published_ids():
    """Prompts of the published vocabulary, for the tests that have it at hand."""
    if not DATA.exists():
        print("no published files at", DATA, "- published.json is left as it is")
        return
    template = json.loads((DATA / "chat_template.json").read_text())["chat_template"]
    tokenizer = AutoTokenizer.from_pretrained(DATA)
    theirs = processor_with(tokenizer, template)
    ours = processor_with(tokenizer, INSTRUCT)
    cases = []
    for name, messages, sizes, _ in CASES:
        if name == "reasoned turn":
            continue  # the published instruct template parses the tags that a reply spells out
        for generate in (False, True):
            texts = [p.apply_chat_template(messages, tokenize=False,
                                           add_generation_prompt=generate) for p in (theirs, ours)]
            assert texts[0] == texts[1], (name, texts)
        ids, grids = encode(theirs, texts[0], [image(*size) for size in sizes])
        cases.append({"name": name, "messages": messages, "text": texts[0], "ids": ids,
                      "grids": grids})
    write_json(OUT / "published.json", {"origin": ORIGIN + ", vocabulary of Qwen3-VL",
                                        "cases": cases})


def main():
    MODEL.mkdir(parents=True, exist_ok=True)
    make_tokenizer()
    write_json(MODEL / "config.json", CONFIG)
    write_json(MODEL / "preprocessor_config.json", PREPROCESSOR)
    write_json(MODEL / "generation_config.json", GENERATION)
    write_json(MODEL / "chat_template.json", {"chat_template": INSTRUCT})
    write_json(OUT / "chat_template_thinking.json", {"chat_template": THINKING})

    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(MODEL / "tokenizer.json"))
    processors = {"instruct": processor_with(tokenizer, INSTRUCT),
                  "thinking": processor_with(tokenizer, THINKING)}
    cases = [make_case(processors, *case) for case in CASES]
    cases += [make_case(processors, name, messages, [], None) for name, messages in ENDS_WITH_REPLY]
    (OUT / "cases.json").write_text(json.dumps(
        {"origin": ORIGIN, "cases": cases, "rope": rope_examples()}, ensure_ascii=False) + "\n")
    published_ids()


main()
