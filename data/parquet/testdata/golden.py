"""Makes golden-*.parquet and golden.json: the same table written in several ways by pyarrow, and its rows as text.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install pyarrow && /tmp/venv/bin/python golden.py
"""
import json, os
import pyarrow as pa
import pyarrow.parquet as pq

os.chdir(os.path.dirname(os.path.abspath(__file__)))
N = 300
text = [f"text {i}: {'é漢😀'[i % 3]}" + "x" * (i % 7) for i in range(N)]
name = [["pos", "neg", "neutral"][i * i % 3] for i in range(N)]
count = [i * 37 - 999 for i in range(N)]
score = [i / 8 for i in range(N)]
flag = [i % 3 == 0 for i in range(N)]
tags = [[f"t{j}" for j in range(i % 4)] for i in range(N)]
ids = [[j * i for j in range((i + 1) % 3)] for i in range(N)]
answers = [{"text": [f"a{i}"] * (i % 3), "start": i} for i in range(N)]
holes = [None if i % 5 == 2 else f"h{i}" for i in range(N)]
gaps = [["x", None] if i == 7 else None if i == 8 else ["y"] for i in range(N)]
table = pa.table({
    "text": pa.array(text), "big": pa.array(text, pa.large_string()), "name": pa.array(name).dictionary_encode(), "count": pa.array(count, pa.int64()),
    "small": pa.array([c % 100 for c in count], pa.uint8()), "score": pa.array(score, pa.float32()), "flag": flag, "tags": tags, "ids": ids, "answers": answers,
    "holes": holes, "gaps": gaps, "when": pa.array(count, pa.timestamp("ms")), "nested": [[[i]] for i in range(N)], "bytes": pa.array([b"\xff" if i == 4 else b"ok" for i in range(N)]),
})
pq.write_table(table, "golden-snappy.parquet", row_group_size=100, data_page_size=300)
pq.write_table(table, "golden-zstd2.parquet", compression="zstd", data_page_version="2.0", row_group_size=77, write_statistics=False)
pq.write_table(table, "golden-plain.parquet", compression="none", use_dictionary=False, use_compliant_nested_type=False)
b = lambda v: "true" if v else "false"
rows = [[text[i], text[i], name[i], str(count[i]), str(count[i] % 100), f"{score[i]:g}", b(flag[i]), ";".join(tags[i]), ";".join(map(str, ids[i])), ";".join(answers[i]["text"]), str(i)] for i in range(N)]
json.dump(rows, open("golden.json", "w"), ensure_ascii=False, indent=0)
