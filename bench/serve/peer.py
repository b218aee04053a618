"""A BERT with random weights behind a plain HTTP server, with PyTorch or ONNX Runtime.

It answers POST /v1/embeddings as OpenAI does, with the mean of the last layer's rows. Requests
that wait are computed together, padded to the longest. See peers.sh.
"""

import argparse
import base64
import http.server
import json
import os
import queue
import tempfile
import threading

import numpy as np
import tokenizers
import torch
import transformers

p = argparse.ArgumentParser()
p.add_argument("--engine", choices=["torch", "onnx"], required=True)
p.add_argument("--vocab", required=True)
p.add_argument("--width", type=int, required=True)
p.add_argument("--depth", type=int, required=True)
p.add_argument("--longest", type=int, required=True)
p.add_argument("--port", type=int, required=True)
p.add_argument("--batch-tokens", type=int, default=2048, help="tokens computed together, padding included")
o = p.parse_args()

torch.manual_seed(0)
torch.set_num_threads(len(os.sched_getaffinity(0)))
tokenizer = tokenizers.BertWordPieceTokenizer(o.vocab, lowercase=True)
config = transformers.BertConfig(
    vocab_size=tokenizer.get_vocab_size(), hidden_size=o.width, num_hidden_layers=o.depth, num_attention_heads=max(1, o.width // 64),
    intermediate_size=4 * o.width, max_position_embeddings=o.longest)
bert = transformers.BertModel(config, add_pooling_layer=False).eval()


class Mean(torch.nn.Module):
    """The vector of a text, padding left out."""

    def __init__(self):
        super().__init__()
        self.bert = bert

    def forward(self, input_ids, attention_mask):
        rows = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(rows.dtype)
        return (rows * mask).sum(1) / mask.sum(1)


def with_torch():
    model = Mean().eval()

    def run(ids, mask):
        with torch.inference_mode():
            return model(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()

    return run


def with_onnx():
    import onnxruntime

    batch, length = torch.export.Dim("batch", min=1, max=512), torch.export.Dim("length", min=2, max=o.longest)
    example = (torch.ones(2, 8, dtype=torch.int64), torch.ones(2, 8, dtype=torch.int64))
    file = os.path.join(tempfile.mkdtemp(), "bert.onnx")
    shapes = {name: {0: batch, 1: length} for name in ("input_ids", "attention_mask")}
    with torch.inference_mode():
        torch.onnx.export(Mean().eval(), example, file, input_names=list(shapes), output_names=["vectors"], dynamic_shapes=shapes, dynamo=True, verbose=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    ids = np.array([[2, 5, 6, 7, 3]], np.int64)
    want = with_torch()(ids, np.ones_like(ids))
    got = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
    assert np.abs(got - want).max() < 1e-4, "ONNX Runtime computes something else"
    return lambda ids, mask: session.run(None, {"input_ids": ids, "attention_mask": mask})[0]


run = {"torch": with_torch, "onnx": with_onnx}[o.engine]()
waiting = queue.Queue()


def work():
    """Computes what waits, as many texts together as the budget allows."""
    ahead = None
    while True:
        jobs = [ahead or waiting.get()]
        ahead, longest = None, len(jobs[0][0])
        while not waiting.empty():
            ahead = waiting.get()
            longest = max(longest, len(ahead[0]))
            if longest * (len(jobs) + 1) > o.batch_tokens:
                break
            jobs.append(ahead)
            ahead = None
        longest = max(len(j[0]) for j in jobs)
        ids, mask = np.zeros((2, len(jobs), longest), np.int64)
        for i, (tokens, _) in enumerate(jobs):
            ids[i, : len(tokens)], mask[i, : len(tokens)] = tokens, 1
        for (_, done), vector in zip(jobs, run(ids, mask)):
            done.put(vector)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        self.answer(200, {"ready": True})

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        tokens = tokenizer.encode(question["input"]).ids
        if len(tokens) > o.longest:
            return self.answer(400, {"error": "too long"})
        done = queue.Queue()
        waiting.put((tokens, done))
        vector = base64.b64encode(done.get().astype("<f4").tobytes()).decode()
        self.answer(200, {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": vector}], "usage": {"prompt_tokens": len(tokens), "total_tokens": len(tokens)}})

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128


threading.Thread(target=work, daemon=True).start()
Server(("127.0.0.1", o.port), Handler).serve_forever()
