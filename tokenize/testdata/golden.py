"""Makes the golden files: ids and offsets of Hugging Face's tokenizers library.

    python3 -m venv /tmp/venv-tok && /tmp/venv-tok/bin/pip install tokenizers==0.23.3 transformers==5.24.0
    /tmp/venv-tok/bin/python testdata/golden.py ../../shared/data/bert-base-uncased/vocab.txt

writes, into the folder of this script,

    vocab.txt        a small vocabulary of our own
    small.json.gz    every string with that vocabulary, under every setting
    added.json       a tokenizer of that vocabulary with added words, as the library saves it
    official.json.gz every string with the official vocabulary (not in this repository)
    runes.json       a hash of what becomes of each code point, by blocks

and checks that saved.json, which the package's own Save wrote (go test -run
TestSaved -update), gives the same ids in transformers.

Offsets are in bytes of UTF-8. The strings depend on the seed and on Python's
Unicode (14.0.0); what is stored is what the library made of them.
"""
import collections
import gzip
import hashlib
import json
import pathlib
import random
import sys
import unicodedata

from tokenizers import AddedToken, Tokenizer, __version__, decoders, models, normalizers, pre_tokenizers, processors

from texts import WORDS, strings

HERE = pathlib.Path(__file__).parent
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

# clean_text, handle_chinese_chars, strip_accents, lowercase
SETTINGS = {
    "uncased": (True, True, True, True),
    "cased": (True, True, False, False),
    "lower": (True, True, False, True),
    "strip": (True, False, True, False),
    "raw": (False, True, True, True),
    "rawest": (False, False, False, False),
}


def normalizer(setting):
    names = "clean_text handle_chinese_chars strip_accents lowercase".split()
    return normalizers.BertNormalizer(**dict(zip(names, SETTINGS[setting])))


def tokenizer(words, setting):
    ids = {w: i for i, w in enumerate(words)}
    t = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    t.normalizer = normalizer(setting)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    t.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    t.add_special_tokens([AddedToken(s, normalized=False, special=True) for s in SPECIAL])
    return t


def bytes_before(text):
    """For each character of text, and its end, the bytes before it."""
    at = [0]
    for c in text:
        at.append(at[-1] + len(c.encode()))
    return at


def flat(text, tokens):
    at = bytes_before(text)
    return [n for i, (a, b) in zip(tokens.ids, tokens.offsets) for n in (i, at[a], at[b])]


def golden(words, texts, settings):
    out = {"tokenizers": __version__, "cases": [{"text": s} for s in texts], "pairs": []}
    for setting in settings:
        t = tokenizer(words, setting)
        for case in out["cases"]:
            case[setting] = flat(case["text"], t.encode(case["text"], add_special_tokens=False))
    t = tokenizer(words, "uncased")
    for case in out["cases"]:
        tokens = t.encode(case["text"], add_special_tokens=False)
        case["decoded"] = t.decode(tokens.ids, skip_special_tokens=False)
    t.encode_special_tokens = True
    for case in out["cases"]:
        if "[" in case["text"]:
            case["literal"] = flat(case["text"], t.encode(case["text"], add_special_tokens=False))
    t = tokenizer(words, "uncased")
    r = random.Random(7)
    for _ in range(600):
        a, b = r.choice(texts)[:200], r.choice(texts)[:200] if r.random() < 0.8 else None
        longest = r.choice([3, 4, 5, 6, 7, 8, 9, 10, 13, 16, 17, 32, 64])
        t.enable_truncation(longest)
        e = t.encode(a, b)
        spans = [[bytes_before(b if k else a)[n] for n in span] for span, k in zip(e.offsets, e.type_ids)]
        out["pairs"].append({"a": a, "b": b, "max": longest, "ids": e.ids, "types": e.type_ids, "spans": spans})
    return out


def added(words):
    """Strings around added words of every kind."""
    t = tokenizer(words, "uncased")
    t.add_special_tokens([AddedToken("<l>", lstrip=True, normalized=False), AddedToken("<r>", rstrip=True, normalized=False)])
    t.add_tokens([AddedToken("<b>", lstrip=True, rstrip=True, normalized=False), AddedToken("<bb", normalized=False), AddedToken("É", normalized=False)])
    t.save(str(HERE / "added.json"))
    r = random.Random(8)
    atoms = ["<l>", "<r>", "<b>", "<bb", "<bb>", "<", "É", "é", " ", "\u2003", "\n", "hello", "[MASK]", "[MASK", ".", "字"]
    texts = ["".join(r.choice(atoms) for _ in range(r.randint(1, 12))) for _ in range(300)]
    return [{"text": s, "tokens": flat(s, t.encode(s, add_special_tokens=False))} for s in texts]


def check(path, texts):
    """A file that the package saved gives the same ids in transformers."""
    from transformers import PreTrainedTokenizerFast

    ours = PreTrainedTokenizerFast(tokenizer_file=str(path))
    theirs = tokenizer(list(json.loads(path.read_text())["model"]["vocab"]), "uncased")
    for a, b in zip(texts, texts[1:]):
        x, y = ours(a, b, return_offsets_mapping=True, return_token_type_ids=True), theirs.encode(a, b)
        assert (x.input_ids, x.token_type_ids, x.offset_mapping) == (y.ids, y.type_ids, y.offsets), (a, b)


def small(texts):
    """The special words, characters of the texts, and pieces of chosen words."""
    count = collections.Counter()
    for setting in ("uncased", "cased"):
        n, p = normalizer(setting), pre_tokenizers.BertPreTokenizer()
        for s in texts:
            for w, _ in p.pre_tokenize_str(n.normalize_str(s)):
                count.update(w)
    chars = [c for c, _ in sorted(count.items(), key=lambda x: (-x[1], x[0]))][:1500]
    pieces = collections.Counter()
    for w in WORDS:
        for i in range(2, len(w) + 1):
            pieces[w[:i]] += 1
            pieces["##" + w[-i:]] += 1
    out = dict.fromkeys(SPECIAL + sorted(chars) + ["##" + c for c in sorted(chars[:1000])])
    out.update(dict.fromkeys(sorted(w for w, n in pieces.items() if n > 1 or w in WORDS)))
    return list(out)


def runes():
    """For each setting, hashes of the words of "a" + c + "b", for 4,096 code points c each."""
    out = {"tokenizers": __version__}
    for setting in SETTINGS:
        n, p = normalizer(setting), pre_tokenizers.BertPreTokenizer()
        out[setting] = []
        for block in range(0, 0x110000, 4096):
            h = hashlib.sha256()
            for c in range(block, block + 4096):
                if not 0xD800 <= c < 0xE000:
                    words = p.pre_tokenize_str(n.normalize_str("a" + chr(c) + "b"))
                    h.update((" ".join(w for w, _ in words) + "\n").encode())
            out[setting].append(h.hexdigest()[:16])
    return out


def store(name, value):
    b = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    (HERE / name).write_bytes(gzip.compress(b, 9, mtime=0))


if __name__ == "__main__":
    texts = strings()
    words = small(texts)
    (HERE / "vocab.txt").write_text("\n".join(words) + "\n", newline="\n")
    store("small.json.gz", {**golden(words, texts, SETTINGS), "added": added(words)})
    official = pathlib.Path(sys.argv[1]).read_text().split("\n")[:-1]
    store("official.json.gz", golden(official, texts, ["uncased", "cased"]))
    (HERE / "runes.json").write_text(json.dumps(runes(), indent=1) + "\n")
    check(HERE / "saved.json", texts)
    print(len(texts), "strings,", len(words), "words,", unicodedata.unidata_version)
