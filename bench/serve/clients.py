"""Asks orchid serve with the clients of OpenAI and Triton; see clients.sh."""

import importlib.metadata
import json
import os
import sys

import numpy as np
import openai
import tritonclient.http as triton

URL, MODEL = os.environ["ORCHID_URL"], os.environ["ORCHID_MODEL"]
texts = [next(iter(json.loads(line).values())) for line in open(os.environ["TEXTS"])]
want = np.array([json.loads(line)["embedding"] for line in open(os.environ["WANT"])], np.float32)
failed = False


def say(package, asks, got):
    global failed
    got = np.array(got, np.float32)
    same = got.shape == want.shape and bool((got.view(np.uint32) == want.view(np.uint32)).all())
    failed = failed or not same
    print(f"{'Python ' + package + ' ' + importlib.metadata.version(package):<28} {asks:<32} {'yes' if same else 'NO'}")


client = openai.OpenAI(base_url=URL + "/v1", api_key="none")
assert [m.id for m in client.models.list()] == [MODEL]
say("openai", "a list, by default", [d.embedding for d in client.embeddings.create(model=MODEL, input=texts).data])
say("openai", "one by one, float", [client.embeddings.create(model=MODEL, input=t, encoding_format="float").data[0].embedding for t in texts])
answer = client.embeddings.create(model=MODEL, input=texts, extra_body={"truncate": True})
say("openai", "with truncate", [d.embedding for d in answer.data])
try:
    client.embeddings.create(model="none", input="x")
    sys.exit("a model that is not there was found")
except openai.NotFoundError as e:
    assert e.code == "model_not_found", e

client = triton.InferenceServerClient(URL.removeprefix("http://"))
assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(MODEL) and client.is_model_ready(MODEL, "1")
assert client.get_server_metadata()["name"] == "orchid"
assert client.get_model_metadata(MODEL)["inputs"][0]["datatype"] == "BYTES"
for into in (True, False):
    tensor = triton.InferInput("text", [len(texts)], "BYTES")
    tensor.set_data_from_numpy(np.array([t.encode() for t in texts], np.object_), binary_data=into)
    for out in (True, False, None):
        outputs = None if out is None else [triton.InferRequestedOutput("embedding", binary_data=out)]
        names = {True: "binary", False: "JSON", None: "all, by default"}
        say("tritonclient", f"{names[into]} in, {names[out]} out", client.infer(MODEL, [tensor], outputs=outputs).as_numpy("embedding"))
try:
    client.infer("none", [tensor])
    sys.exit("a model that is not there was found")
except triton.InferenceServerException as e:
    assert e.status() == "404", e
sys.exit(failed)
