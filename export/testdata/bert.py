#!/usr/bin/env python3
"""bert.py ORCHID imports random BERTs of transformers by the command ORCHID and compares what both compute.

Orchid's numbers are those of the self-test in the imported folder. See make parity.
"""

import os
import subprocess
import sys
import tempfile

os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch
import transformers
from safetensors.torch import load_file

TOLERANCE = 1e-5  # of the largest logit, in float32
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(58))]
MASK = WORDS.index("[MASK]")

# What is saved: the class, and settings of its configuration.
MODELS = {
    "masked": (transformers.BertForMaskedLM, {}),
    "pretraining": (transformers.BertForPreTraining, {}),
    "two classes": (transformers.BertForSequenceClassification, {}),
    "named classes": (transformers.BertForSequenceClassification, {"id2label": {0: "no", 1: "maybe", 2: "yes, sir"}}),
    "several": (transformers.BertForSequenceClassification, {"num_labels": 4, "problem_type": "multi_label_classification"}),
    "number": (transformers.BertForSequenceClassification, {"num_labels": 1}),
}


def make(folder, kind, settings):
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, max_position_embeddings=20, **settings
    )
    model = kind(config).eval()
    with torch.no_grad():
        for name, p in model.named_parameters():  # nothing neutral
            p.add_(torch.randn_like(p) * (0.25 if p.ndim == 1 else 0.5 / p.shape[1] ** 0.5))
    model.save_pretrained(folder)
    with open(os.path.join(folder, "vocab.txt"), "w", encoding="utf-8") as f:
        f.write("\n".join(WORDS) + "\n")
    return model


@torch.no_grad()
def difference(folder, model):
    stored = load_file(os.path.join(folder, "selftest.safetensors"))
    words = stored["words"].long()
    out = model(words)
    logits = out.prediction_logits if hasattr(out, "prediction_logits") else out.logits
    if logits.ndim == 3:  # Orchid gives those of the first hidden word
        logits = logits[torch.arange(len(words)), (words == MASK).int().argmax(1)]
    return float((stored["output"] - logits).abs().max() / logits.abs().max())


def main():
    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    failed = 0
    for name, (kind, settings) in MODELS.items():
        with tempfile.TemporaryDirectory() as temp:
            model = make(os.path.join(temp, "bert"), kind, settings)
            out = os.path.join(temp, "out")
            subprocess.run([sys.argv[1], "--quiet", "import", os.path.join(temp, "bert"), "--out", out], check=True)
            error = difference(out, model)
            failed += not error <= TOLERANCE
            print(f"BERT, {name:15} {error:8.1e}{'' if error <= TOLERANCE else '   FAILED'}")
    if failed:
        sys.exit(f"{failed} of {len(MODELS)} imported BERTs differ from transformers")
    print(f"all {len(MODELS)} imported BERTs agree within {TOLERANCE} (transformers {transformers.__version__})")


if __name__ == "__main__":
    main()
