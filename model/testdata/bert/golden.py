#!/usr/bin/env python3
"""Writes the files of this folder: a small random BERT of Hugging Face's transformers, and what it computes.

    pip install torch==2.15.0 transformers==5.24.0 && python golden.py

The classifier's encoder is that of the masked language model. Every sequence is computed alone, in evaluation mode, in
float32 and, from the same float32 weights, in float64. Gradients are those of sum(output * grad_output) over all.
"""

import json
import os
import shutil
import tempfile

import torch
import transformers
from safetensors.torch import save_file

here = os.path.dirname(os.path.abspath(__file__))
SEED = 6
LENGTHS = [1, 2, 7, 17, 40]  # the last is all positions
LABELS = 3
PAD = 0  # not among the ids: PyTorch withholds the gradient of its row of the embedding
# A parameter of every kind: embeddings, all of the middle layer, ends of the outer ones, all of the head.
GRADIENTS = ("bert.embeddings.", "bert.encoder.layer.1.", "bert.encoder.layer.0.output.LayerNorm.", "bert.encoder.layer.2.attention.self.value.bias", "cls.")
CLASSIFIER_GRADIENTS = ("bert.embeddings.LayerNorm.", "bert.encoder.layer.2.output.dense.bias", "bert.pooler.", "classifier.")
IN_FLOAT32 = ("logits", "pooled", "classifier")  # stored in both forms


def shake(model, g):
    """Draws every parameter so that none is neutral: a gain, a bias or an embedding left out must show."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=g)
            if name.endswith("LayerNorm.weight"):
                p.copy_(1 + 0.25 * noise)
            elif p.ndim == 1:
                p.copy_(0.25 * noise)
            elif "embeddings" in name:
                p.copy_(0.04 * noise)  # as small as a real one: the eps of LayerNorm shows
            else:
                p.copy_(1.5 * noise / p.shape[1] ** 0.5)  # attention far from uniform


def save(model, weights, config):
    """Keeps what save_pretrained writes, under our file names."""
    with tempfile.TemporaryDirectory() as d:
        model.save_pretrained(d)
        shutil.copyfile(os.path.join(d, "model.safetensors"), os.path.join(here, weights))
        shutil.copyfile(os.path.join(d, "config.json"), os.path.join(here, config))


def compute(lm, classifier, data, dtype):
    """All outputs by name, packed [tokens, ...] or [sequences, ...], and the gradients."""
    lm, classifier = lm.to(dtype).eval(), classifier.to(dtype).eval()
    rows, ends = {}, data["offsets"].tolist()
    keep = lambda name, x: rows.setdefault(name, []).append(x)
    for a, b in zip(ends, ends[1:]):
        ids, types = data["ids"][None, a:b], data["token_types"][None, a:b]
        out = lm(input_ids=ids, token_type_ids=types, output_hidden_states=True)
        for i, h in enumerate(out.hidden_states):
            keep("embeddings" if i == 0 else f"layer/{i - 1}", h[0])
        keep("logits", out.logits[0])
        keep("pooled", classifier.bert(input_ids=ids, token_type_ids=types).pooler_output)
        keep("classifier", classifier(input_ids=ids, token_type_ids=types).logits)
    out = {name: torch.cat(x) for name, x in rows.items()}
    for model, name, prefixes in ((lm, "logits", GRADIENTS), (classifier, "classifier", CLASSIFIER_GRADIENTS)):
        model.zero_grad()
        (out[name] * data["grad_output/" + name]).sum().backward()
        out |= {f"grad/{name}/{k}": p.grad.clone() for k, p in model.named_parameters() if k.startswith(prefixes)}
    return {k: v.detach().contiguous() for k, v in out.items()}


@torch.no_grad()
def padded(lm, data):
    """The logits once more, of one padded batch with a mask."""
    ends = data["offsets"].tolist()
    pad = lambda x: torch.nn.utils.rnn.pad_sequence([x[a:b] for a, b in zip(ends, ends[1:])], batch_first=True)
    mask = pad(torch.ones_like(data["ids"]))
    logits = lm(input_ids=pad(data["ids"]), token_type_ids=pad(data["token_types"]), attention_mask=mask).logits
    return logits[mask.bool()]


def main():
    torch.set_num_threads(1)
    g = torch.Generator().manual_seed(SEED)
    config = transformers.BertConfig(
        vocab_size=97, hidden_size=48, num_hidden_layers=3, num_attention_heads=4, intermediate_size=80, max_position_embeddings=40, pad_token_id=PAD,
        num_labels=LABELS, attn_implementation="eager",
    )
    lm, classifier = transformers.BertForMaskedLM(config), transformers.BertForSequenceClassification(config)
    shake(lm, g)
    shake(classifier, g)
    classifier.bert.load_state_dict(lm.bert.state_dict(), strict=False)  # which has no pooler
    save(lm, "hf.safetensors", "config.json")
    save(classifier, "hf_classifier.safetensors", "config_classifier.json")

    total = sum(LENGTHS)
    data = {
        "offsets": torch.tensor([0] + LENGTHS).cumsum(0),
        "ids": torch.randint(PAD + 1, config.vocab_size, (total,), generator=g),
        "token_types": torch.randint(config.type_vocab_size, (total,), generator=g),
        "grad_output/logits": torch.randn(total, config.vocab_size, generator=g),
        "grad_output/classifier": torch.randn(len(LENGTHS), LABELS, generator=g),
    }
    single, double = (compute(lm, classifier, data, t) for t in (torch.float32, torch.float64))
    error = {k: float((single[k] - v).abs().max() / v.abs().max()) for k, v in double.items()}
    near_zero = [k for k in double if k.endswith("attention.self.key.bias")]  # softmax: 0 but for rounding
    again = float((padded(lm, data) - double["logits"]).abs().max())
    for k in near_zero:
        print(f"{k}: {float(double[k].abs().max()):.1e}, in float32 {float(single[k].abs().max()):.1e}")
        del error[k]
    print(f"largest error of float32 {max(error.values()):.1e} ({max(error, key=error.get)}), padded batch {again:.1e}")

    data |= {"float64/" + k: v for k, v in double.items()}
    data |= {"float32/" + k: v for k, v in single.items() if k in IN_FLOAT32}
    metadata = {
        "format": "orchid-bert-golden/1", "seed": str(SEED), "torch": torch.__version__, "transformers": transformers.__version__,
        "near_zero_grad": json.dumps(near_zero), "float32_rel_error": json.dumps({k: float(f"{e:.2e}") for k, e in error.items()}),
    }
    path = os.path.join(here, "golden.safetensors")
    save_file(data, path, metadata)
    os.chmod(path, 0o644)


if __name__ == "__main__":
    main()
