#!/usr/bin/env python3
"""parity.py FOLDER [GOLDEN] compares PyTorch with Orchid on the exported models below FOLDER.

Each holds parity.safetensors: inputs, and what Orchid computes for them. PyTorch computes the same in float64, from the
same float32 weights, and in float32. GOLDEN is a file to write float64's outputs to. See make parity.
"""

import importlib.util
import os
import sys

os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch
from safetensors.torch import save_file
from transformers import AutoTokenizer

TOLERANCE = 1e-5  # of the largest output; export_test.go derives it


def difference(got, want):
    return float((got.double() - want).abs().max() / want.abs().max())


@torch.no_grad()
def compare(folder, golden):
    """Largest differences from float64: Orchid's and PyTorch's own in float32, and the number of tokens that differ."""
    spec = importlib.util.spec_from_file_location("modeling", os.path.join(folder, "modeling_orchid.py"))
    m = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(m)
    stored, metadata = m.read_safetensors(os.path.join(folder, "parity.safetensors"))
    cases = {}
    for key, tensor in stored.items():
        number, name = key.split("/")
        cases.setdefault(int(number), {})[name] = tensor
    single, double = m.load(folder), m.load(folder).double()
    ours = theirs = 0.0
    for number, inputs in sorted(cases.items()):
        output = inputs.pop("output")
        exact = m.predict(double, [x.double() for x in inputs.values()])
        ours = max(ours, difference(output, exact))
        theirs = max(theirs, difference(m.predict(single, list(inputs.values())), exact))
        golden[f"{os.path.basename(folder)}/{number}"] = exact.float().contiguous()
    wrong = 0
    for key, text in metadata.items():
        if key.startswith("text/"):
            ids = [int(i) for i in metadata[key.replace("text", "ids")].strip("[]").split()]
            wrong += m.encode(folder, text)[0][0].tolist() != ids
            if os.path.exists(os.path.join(folder, "tokenizer_config.json")):
                wrong += AutoTokenizer.from_pretrained(folder)(text)["input_ids"] != ids
    return ours, theirs, m.self_test(folder), wrong


def main():
    torch.set_num_threads(1)
    golden, failed = {}, []
    print(f"{'model':28} {'Orchid':>8} {'PyTorch':>8} {'self-test':>9}   (float32 against PyTorch's float64, of the largest output)")
    for name in sorted(os.listdir(sys.argv[1])):
        ours, theirs, own, wrong = compare(os.path.join(sys.argv[1], name), golden)
        ok = ours <= TOLERANCE and own <= 2 * TOLERANCE and not wrong
        print(f"{name:28} {ours:8.1e} {theirs:8.1e} {own:9.1e}{'' if ok else '   FAILED'}{f', {wrong} texts have other ids' if wrong else ''}")
        if not ok:
            failed.append(name)
    if failed or not golden:
        sys.exit(f"{len(failed)} failed: {', '.join(failed)}")
    print(f"all {len(golden)} outputs agree within {TOLERANCE} (PyTorch {torch.__version__})")
    if len(sys.argv) > 2:
        save_file(golden, sys.argv[2], {"torch": torch.__version__, "format": "orchid-parity/1"})
        os.chmod(sys.argv[2], 0o644)


if __name__ == "__main__":
    main()
