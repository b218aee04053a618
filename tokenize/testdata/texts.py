"""The hard strings of golden.py."""
import random
import unicodedata

WORDS = """the of and to in is was he she it that for on with as they be at by had not are but from have his her
which this all were when there one so said what we if more out up no them would could about into than who some time
unaffable unbelievable understanding understandable believable affable walking walked walker talking talked talker
information informal formal formation transformer transformers attention convolution orchid orchids orchestra
tokenization tokenize tokenizer token tokens word words wordpiece language languages masked mask masking model models
hello world naive cafe resume facade uber strasse straße élève naïve Überraschung Москва москва привет Привет мир
Ελλάδα ελληνικά αθήνα שלום עולם مرحبا بالعالم नमस्ते दुनिया สวัสดี ชาวโลก 안녕하세요 세계 こんにちは せかい カタカナ ひらがな
hồ chí minh việt nam phở čeština žluťoučký kůň łódź źdźbło İstanbul istanbul ığdır isn't don't they've we're i'm 2024 1999
http https www com org 's n't 've 're""".split()

SENTENCES = """Hello, World! It's a test -- isn't it?
The quick brown fox (jumps) over the lazy dog... 1,234.56 %
Ünïcödé façade, naïve café, résumé, Ångström, Øresund, Łódź, Straße, æther, œuvre
İstanbul'da ıslak ışık İİİ ǅ ǈ ǋ ǲ Ǆ ﬀ ﬁ ﬂ ﬃ ﬄ ﬅ ﬆ K Å Ω ẞ
Việt Nam: Hồ Chí Minh, phở, đường, Nguyễn Thị Ngọc
Žluťoučký kůň úpěl ďábelské ódy. Příliš!
Съешь же ещё этих мягких французских булок, да выпей чаю. Ёлка, Йод, Їжак
Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. ΣΊΣΥΦΟΣ Σίσυφος ᾳ ᾼ ᾈ ῼ Ὀδυσσεύς
ჩვენ ვართ ქართველები ᲐᲑᲒ Ⴀ ⴀ
Բարեւ աշխարհ, ինչպե՞ս ես։ և ﬓ
שָׁלוֹם עוֹלָם, מה שלומך? יִשְׂרָאֵל שׁ שׂ אַ
مرحبا بالعالم، كيف حالك؟ السَّلَامُ عَلَيْكُمْ ﷺ ﻼ ـــ ٱلْحَمْدُ
سلام دنیا، حال شما چطور است؟ می‌خواهم ۱۲۳۴
नमस्ते दुनिया! क्षत्रिय ज्ञान हिन्दी में। क़ ख़ ग़ ज़ ड़ ढ़ फ़ य़
বাংলা ভাষা, আমি বাংলায় গান গাই। ো ৌ ড় ঢ় য়
ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਲ਼ ਸ਼ ਖ਼ ਗ਼ ਜ਼ ਫ਼
தமிழ் மொழி ொ ோ ௌ  తెలుగు భాష ై  ಕನ್ನಡ ೀ ೇ ೊ ೋ  മലയാളം ൊ ോ ൌ
ଓଡ଼ିଆ ଢ଼ ୋ ୌ  ગુજરાતી  සිංහල ේ ො ෝ ෞ
สวัสดีชาวโลก ภาษาไทยไม่มีช่องว่าง ๑๒๓ ำ  ສະບາຍດີ ໜ ຳ
བོད་སྐད། དཀར་ པོ་ ཱི ཱུ གྷ ཌྷ དྷ བྷ ཛྷ ཀྵ ཷ ཹ
မြန်မာဘာသာ၊ ဦ  ខ្មែរ ភាសាខ្មែរ។  አማርኛ ቋንቋ።  ᏣᎳᎩ ꭰ Ᏸ ᏸ
안녕하세요 세계! 각 갂 한국어 ᄀᄀᆨ 가 힣 ㄱㄴㄷ
こんにちは、世界。カタカナ ﾊﾝｶｸ ガ ｶﾞ パピプペポ がぎぐげご ヷ ヸ ㍿ ㌔
中文字符測試，简体中文。我爱北京天安门 漢字かな交じり文 豈 更 車 丽 𠀀 𪛖 𫜴 𬺡 𮯠 𰀀 𱍊
𐐀𐐁𐐨 𝒜𝓫𝔠 𝟙𝟚 🄰 ⓐⒷ Ⅷ ⅷ ½ ² ₂ ª º ℀ №
👍 👍🏽 👩‍👩‍👧‍👦 👨🏿‍🚀 🏳️‍🌈 🇩🇪🇫🇷 ❤️ ☺️ 1️⃣ #️⃣ 🫠 🫡 🪿
e\u0301 é e\u0323\u0301 e\u0301\u0323 q\u0307\u0323 q\u0323\u0307 a\u0345\u0334 \u0344\u0323x \u0f73\u0f71 \u1100\u1161\u11a8
x\u302e\u0301y x\u0301\u302ey \U0001d15e \U0001d160\U0001d16d \U00011938 \U0001134b \U0001e946x \u08e2 \u061d \u1734 \u166d
mixed\u200bzero\u200cwidth\u200djoin\ufeffbom\u2060word\u00adsoft hyphen\u180e
tab\there\rnew\rline\x0bvt\x0cff\x1cfs\x1dgs\x1ers\x1fus\x85nel\xa0nbsp\u1680\u2000\u2001\u2002\u2009\u200a\u2028ls\u2029ps\u202f\u205f\u3000end
\x01\x02bell\x07 esc\x1b[0m del\x7f c1\x80\x9f \ufffd \ufffe \uffff \U0001fffe \ue000 \uf8ff \U000f0000 \U0010ffff \u0378 \U000e0001 \U000e0020
[MASK] [mask] [Mask] [MASK][SEP] x[MASK]y [CLS]hello[SEP] [UNK] [PAD][PAD] [MASK [ MASK ] [[MASK]] [SEP]] [unused1] [MASK]\u0301
##ing # #a ##hello hello## un##able [CLS]##s
"Quoted" «guillemets» „low“ ‚single‘ ‹angle› “curly” ‘it’s’ — – ‐ ‑ … ‥ ¡hola! ¿qué? 、。！？：；（）［］｛｝「」『』【】〈〉《》
!"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ a!b"c#d$e%f&g'h(i)j*k+l,m-n.o/p:q;r<s=t>u?v@w[x\\y]z^_`{|}~
€ £ ¥ ¢ ₹ ₿ © ® ™ ° ± × ÷ √ ∞ ≠ ≤ ≥ → ⇒ ∀ ∃ ∈ ★ ♥ ♪ ✓ ␀ ─ █ ◌ ⠓ ⠑
user@example.com https://www.example.com/a_b?c=d&e=f#g C:\\\\dir\\\\file.txt 192.168.0.1 2024-01-31T12:34:56Z +49-30/1234
isn't don't they've we're I'm rock'n'roll O'Neill 'tis n't 's .5 ,x ?! ...! 've 're""".split("\n")


def allowed(c):
    return c != 0 and not 0xD800 <= c < 0xE000


# Where scripts live: each gives random words.
BLOCKS = [
    (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x17F), (0x180, 0x24F), (0x250, 0x2FF), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x52F),
    (0x531, 0x58F), (0x591, 0x5F4), (0x600, 0x6FF), (0x700, 0x74F), (0x780, 0x7BF), (0x7C0, 0x7FF), (0x800, 0x85F), (0x8A0, 0x8FF),
    (0x900, 0x97F), (0x980, 0x9FF), (0xA00, 0xA7F), (0xA80, 0xAFF), (0xB00, 0xB7F), (0xB80, 0xBFF), (0xC00, 0xC7F), (0xC80, 0xCFF),
    (0xD00, 0xD7F), (0xD80, 0xDFF), (0xE00, 0xE7F), (0xE80, 0xEFF), (0xF00, 0xFFF), (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF),
    (0x1200, 0x137F), (0x13A0, 0x13FF), (0x1400, 0x14FF), (0x1680, 0x16FF), (0x1700, 0x177F), (0x1780, 0x17FF), (0x1800, 0x18AF),
    (0x1900, 0x19FF), (0x1A00, 0x1AFF), (0x1B00, 0x1BFF), (0x1C00, 0x1CFF), (0x1D00, 0x1DFF), (0x1E00, 0x1EFF), (0x1F00, 0x1FFF),
    (0x2000, 0x206F), (0x2070, 0x20CF), (0x20D0, 0x20FF), (0x2100, 0x218F), (0x2190, 0x22FF), (0x2300, 0x24FF), (0x2500, 0x27BF),
    (0x2900, 0x2BFF), (0x2C00, 0x2DFF), (0x2E00, 0x2E7F), (0x2E80, 0x2FFF), (0x3000, 0x303F), (0x3040, 0x30FF), (0x3100, 0x33FF),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA4CF), (0xA4D0, 0xA63F), (0xA640, 0xA6FF), (0xA700, 0xA7FF), (0xA800, 0xA8FF),
    (0xA900, 0xA9FF), (0xAA00, 0xABFF), (0xAC00, 0xD7A3), (0xD7B0, 0xD7FF), (0xE000, 0xE0FF), (0xF900, 0xFAFF), (0xFB00, 0xFDFF),
    (0xFE00, 0xFE6F), (0xFE70, 0xFEFF), (0xFF00, 0xFFFF), (0x10000, 0x100FF), (0x10300, 0x1034F), (0x10400, 0x1047F), (0x10A00, 0x10AFF),
    (0x10D40, 0x10D8F), (0x11000, 0x110FF), (0x11100, 0x113FF), (0x11400, 0x117FF), (0x11900, 0x11DFF), (0x12000, 0x1247F),
    (0x13000, 0x1343F), (0x16A00, 0x16FFF), (0x1B000, 0x1B2FF), (0x1D100, 0x1D1FF), (0x1D400, 0x1D7FF), (0x1E000, 0x1E95F),
    (0x1F000, 0x1F2FF), (0x1F300, 0x1F6FF), (0x1F900, 0x1FAFF), (0x20000, 0x2A6DF), (0x2A700, 0x2EBE0), (0x2F800, 0x2FA1F),
    (0x30000, 0x323AF), (0xE0000, 0xE01EF), (0xF0000, 0xF00FF), (0x10FF00, 0x10FFFF),
]
MARKS = [c for c in range(0x300, 0x1F000) if allowed(c) and unicodedata.category(chr(c)) in ("Mn", "Mc") and unicodedata.combining(chr(c))]
CASED = [c for c in range(0x80, 0x1F000) if allowed(c) and chr(c).lower() != chr(c)]
COMPOSED = [c for c in range(0x80, 0x2FA1E) if allowed(c) and unicodedata.normalize("NFD", chr(c)) != chr(c) and not 0xAC00 <= c < 0xD7A4]
SPACES = [chr(c) for c in [9, 10, 13, 11, 12, 28, 31, 32, 32, 32, 0x85, 0xA0, 0x1680, 0x2003, 0x200B, 0x2028, 0x2029, 0x202F, 0x3000, 0xFEFF]]


def strings():
    r = random.Random(6)
    pick = lambda lo, hi: chr(r.choice([c for c in [r.randint(lo, hi)] if allowed(c)] or [0x41]))
    out = ["", " ", "\n\t ", "a", "A", "."] + SENTENCES
    out += WORDS + [w.upper() for w in WORDS[:60]] + ["".join(r.sample(WORDS, 3)) for _ in range(100)]
    for block in BLOCKS:  # words of each script, with what has been around them
        for n in (1, 4, 12):
            out.append(" ".join("".join(pick(*block) for _ in range(r.randint(1, n))) for _ in range(n)))
        out.append("".join(r.choice(["e", "X", "[MASK]", " "]) + pick(*block) for _ in range(8)))
    kinds = {}  # punctuation of every kind, white space, controls, symbols
    for c in range(1, 0x20000):
        if allowed(c):
            kinds.setdefault(unicodedata.category(chr(c)), []).append(chr(c))
    for kind, chars in sorted(kinds.items()):
        if kind[0] in "PZSC" and kind not in ("Cn", "Co", "So"):
            for i in range(0, min(len(chars), 320), 16):
                out.append("a".join(chars[i : i + 16]))
        else:
            out += ["x".join(r.sample(chars, min(len(chars), 10))) for _ in range(6)]
    for group in (CASED, COMPOSED):
        out += ["".join(chr(c) for c in r.sample(group, r.randint(1, 12))) for _ in range(120)]
        out += ["".join(r.choice(["", "a", " ", "Z"]) + chr(c) for c in r.sample(group, 8)) for _ in range(60)]
    for _ in range(250):  # marks in every order on letters of every kind
        out.append("".join(r.choice("aeqXÉ각が中 ʼ") + "".join(chr(r.choice(MARKS)) for _ in range(r.randint(1, 4))) for _ in range(r.randint(1, 5))))
        s = "".join(chr(r.choice(COMPOSED)) + "".join(chr(r.choice(MARKS)) for _ in range(r.randint(1, 3))) for _ in range(3))
        out.append(s)
    for n in (99, 100, 101, 10000):  # at the limit of a word, also counted after cleaning
        out += ["a" * n, "É" * n, "e\u0301" * n, "İ" * n, "한" * n, "字" * n, "🤖" * n, "the" * n, "x" * n + "!" + "the", "\u200b" * n + "a", "a\u200b" * n]
        out += ["the " + "word" * (n // 4) + " end", "a" * (n - 1) + "\u0130", "각" * (n // 3), "각" * (n // 3) + "a"]
    atoms = WORDS + ["[MASK]", "[SEP]", "[CLS]", "[PAD]", "[UNK]", "##", "##s", ".", ",", "...", "'", "\"", "-", "don't", "字", "漢字", "é", "e\u0301", "👍🏽", "\u200d", "\ufffd"]
    for _ in range(700):  # random mixtures
        s = ""
        for _ in range(r.randint(1, 16)):
            x = r.random()
            s += r.choice(atoms) if x < 0.55 else pick(*r.choice(BLOCKS)) if x < 0.75 else r.choice(SPACES) if x < 0.95 else chr(r.choice(MARKS))
            s += r.choice(["", "", " "])
        out.append(s)
    return list(dict.fromkeys(s.encode("utf-8", "replace").decode() for s in out))

