"""Makes the questions of the benchmark: the size and shape of PMC-VQA's training set, without its
content. 1,000 JPEG images of 100 to 150 kB, shared by 150,000 questions.

    python make_questions.py --out DIR [--questions 150000] [--pictures 1000]
"""

import argparse
import hashlib
import json
import pathlib
import random

from PIL import Image

WORDS = """the of a with and in axial coronal sagittal contrast enhanced computed tomography magnetic
resonance image showing arrow large small hypodense hyperintense lesion mass right left upper lower
lobe liver kidney spleen lung heart mediastinum pelvis femur tibia vertebral body signal weighted
before after treatment patient year old follow up scan panel indicates area dilated thickened wall
fluid collection fracture nodule margin diffuse focal uptake normal adjacent posterior anterior"""
WORDS = WORDS.split()


def sentence(rng, words):
    return " ".join(rng.choice(WORDS) for _ in range(words)).capitalize()


def image(rng, path):
    """A grey image whose noise costs a JPEG as many bytes as a journal's figure."""
    size = (rng.randrange(640, 720), rng.randrange(500, 560))
    grey = Image.effect_noise(size, rng.randrange(28, 40)).convert("RGB")
    ramp = Image.linear_gradient("L").resize(size).convert("RGB")
    Image.blend(grey, ramp, 0.35).save(path, quality=80)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--questions", type=int, default=150_000)
    parser.add_argument("--pictures", type=int, default=1_000)
    options = parser.parse_args()
    rng = random.Random(0)
    (options.out / "images").mkdir(parents=True, exist_ok=True)
    names = [f"images/PMC{4_000_000 + k}_fig1.jpg" for k in range(options.pictures)]
    hashes = [image(rng, options.out / name) for name in names]
    sizes = [(options.out / name).stat().st_size for name in names]
    temporary = options.out / "questions.jsonl.part"
    with open(temporary, "w", encoding="utf-8") as out:
        for k in range(options.questions):
            which = k % options.pictures
            record = {
                "id": f"bench/train/{k}",
                "image": names[which],
                "image_sha256": hashes[which],
                "question": sentence(rng, rng.randrange(7, 15)) + "?",
                "options": {letter: sentence(rng, rng.randrange(2, 8)) for letter in "ABCD"},
                "answer": rng.choice("ABCD"),
                "caption": sentence(rng, rng.randrange(20, 90)) + ".",
                "split": "train",
                "source": "bench",
            }
            out.write(json.dumps(record) + "\n")
    temporary.rename(options.out / "questions.jsonl")
    mean = sum(sizes) / len(sizes)
    print(f"{options.questions} questions, {options.pictures} images of {min(sizes)} to "
          f"{max(sizes)} bytes, {mean:.0f} on average")


if __name__ == "__main__":
    main()
