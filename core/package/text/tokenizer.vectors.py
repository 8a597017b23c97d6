"""Makes tokenizer.vectors.json, with which tokenizer.test.ts compares: small tokenizers, trained here, and what they make of odd texts.

    python tokenizer.vectors.py    (needs tokenizers, sentencepiece)

Of each tokenizer: the ids of each text, and of pairs of two texts beside each other in the list, truncated to 16 tokens, with type ids.
The table of normalization (Precompiled) is SentencePiece's, of a few rules.
"""

import base64
import io
import json
import tempfile
from importlib.metadata import version
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as proto
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

HERE = Path(__file__).parent
MOST = 16
WORDS = """The quick brown fox jumps over the lazy dog. Please find attached the invoice for your last order, No. 20417!
We have not received your payment yet; kindly call +44 20 7946 0958 or write to billing@example.com. Don't worry: it's fine,
they've sent it, I'll pay, we're glad you'd ask. Free prizes!!! Click here now (www.example.org/win?id=7) to claim £1,000.
Die Straße nach Köln ist gesperrt, schöne Grüße. Le garçon a mangé la crêpe à Noël. El niño soñó con la mañana. Ο Οδυσσέας γύρισε
στην Ιθάκη. Привет, как дела? Сегодня хорошая погода. مرحبا بالعالم، كيف حالك اليوم؟ שלום עולם. नमस्ते दुनिया, आप कैसे हैं? สวัสดีชาวโลก
今天天气很好,我们去公园。東京都に住んでいます。안녕하세요 세계 여러분. Xin chào thế giới, tiếng Việt có dấu. İstanbul'da ılık bir gün. 1 22 333 4444 55555"""

TEXTS = [
    "", " ", "\t", "\n\n", "hello world", "Hello, World!", "THE QUICK BROWN FOX", "  leading and trailing  ", "a  b   c    d",
    "don't I'll we've they're it's you'd I'm", "DON'T", "it’s “quoted” – dash — em…", "No.20417!!!", "1,000.50", "1234567890123",
    "billing@example.com", "https://www.example.org/win?id=7&x=y#z", "C:\\path\\file.txt", "$^+=<>|`~", "#hash @at _under_score_",
    "Straße GROẞE ſ", "crêpe à Noël", "cre\u0302pe a\u0300 Noe\u0308l", "ΟΔΥΣΣΕΑΣ ΣΑΣ Σ", "Οδυσσέας", "ПРИВЕТ Ёлка Й", "İstanbul Iı ŞĞ",
    "ǅ ǆ Ǆ ﬁ ﬂ ﬀ", "Å Å Å", "한국어 안녕", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "مرحبا بالعالم", "مَرْحَبًا", "שָׁלוֹם", "नमस्ते दुनिया", "สวัสดี",
    "今天天气很好", "東京都に住んで", "アイウ ｱｲｳ ガ ｶﾞ", "\U00020000\U0002a6d6", "a\U00020bb7b \U0002b740\U0002b81d", "\U0002b820\U0002b91f\U0002b920x",
    "\U0002ceb0\U00030000\U0002f800", "\u3400\u4dbf\u4dc0\u9fff\ua000", "〇〡々〆", "。、「」！？", "😀", "👍🏽", "👨‍👩‍👧‍👦 family", "🏳️‍🌈🇩🇪", "❤️ ❤", "1️⃣ ©️ ™",
    "a\u200db\u200cc", "a\u200bb", "\u202eabc\u202c \u2066x\u2069", "\u200fשלום\u200e", "a\u00adb", "\ufeffBOM", "x\ufeffy", "a\x00b", "\x01\x02\x1f", "a\x7fb\x85c\x9f",
    "tab\there", "line\nbreak\r\nwindows\rmac", "a\x0bb\x0cc", "nb\u00a0sp\u2009thin\u3000wide\u1680ogham\u2028ls\u2029ps", "a\u2000b\u200ac\u202fd\u205fe",
    "\ufffd", "a\ufffdb", "\ue000\uf8ff", "\U000e0001\U000e0041", "\U00010400\U00010428", "\U0001d400\U0001d7d8 ⅷ ² ½ ①", "٠١٢ ०१२ 四五", "e\u0301\u0323", "e\u0323\u0301",
    "a" + "\u0300" * 40, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢", "\u0301start", " \u0301", "क्षत्रिय", "ﷺ", "㍿ ㎏", "ⅢⅣ", "ｆｕｌｌ ｗｉｄｔｈ", "～ ~ 〜", "\u2581under\u2581",
    "x" * 100, "x" * 101, "x" * 300, "ab" * 200, "😀" * 60, "今" * 60, "." * 120, " " * 120 + "a", "\n" * 30 + "b", "supercalifragilisticexpialidocious",
    "[CLS] hello [SEP]", "[UNK] [MASK] [PAD]", "<s> hello </s>", "a<mask>b", "a <mask> b", "<pad><unk>", "[mask] [cls]", "<MASK>", "##ing", "un##aff", "__proto__ constructor",
    "hello\u0300", "İ̇", "ĳ Ŋ ŉ", "ﬃ", "ᾳ ᾼ ΐ", "𝒽𝑒𝓁𝓁𝑜", "ʰᵉˡˡᵒ", "h̲e̲l̲l̲o̲", "ＡＢＣ１２３", "①②③", "€100 £5 ¥7 ₹9 ₿1", "50% 3×4÷2=6 ±1 §5 ¶", "a/b\\c|d", "«guillemets»", "¿Qué? ¡Sí!", "A.B.C.",
    "\u0600\u0601 \u06dd", "\u070f", "\u180e mongolian", "\u2060\u2061\u2064", "\ufff9x\ufffb", "\u17b4ខ្មែរ", "မြန်မာ", "ልሳን", "ᏣᎳᎩ ꭰ", "ꙮ", "Ⴀⴀ Აა", "ꝏ Ɫ", "\u061c", "\u2e3a\u2e3b", "〰️",
    "''' \"\"\"", "'s 't 'LL", "a's b'S", "３つの", "x²y³", "no\u0308", "\u1e9b\u0323", "\u0344", "\u0958", "\u2126", "\ufb1d", "\U0001d15e", "  \u3000  ", "\u00a0\u00a0x", "mixed 中文 and English 混合", "Wi-Fi e-mail", "hello" * 30, "\u1705\u1734 \U0001171e\U00011700",
]  # fmt: skip
# Some of each block, drawn by a rule.
for start in list(range(0xA0, 0x3200, 0x1F0)) + list(range(0xA000, 0xAC00, 0x150)) + list(range(0x1F000, 0x1FA00, 0x130)):
    TEXTS.append(" ".join(chr(start + 37 * i % 496) for i in range(8)))


def saved(tokenizer):
    return json.loads(tokenizer.to_str())


def word_piece(lowercase):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator([WORDS], trainers.WordPieceTrainer(vocab_size=700, special_tokens=special, show_progress=False))
    ids = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    template = dict(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids)
    tokenizer.post_processor = (
        processors.TemplateProcessing(**template) if lowercase else processors.BertProcessing(ids[1], ids[0])
    )
    return saved(tokenizer)


def byte_level(split=None):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>" if split is None else None))
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=split is None)
    parts = [] if split is None else [pre_tokenizers.Split(Regex(split), "isolated")]
    tokenizer.pre_tokenizer = whole if split is None else pre_tokenizers.Sequence([*parts, whole])
    tokenizer.normalizer = None if split is None else normalizers.NFC()
    special = ["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True, rstrip=split is not None, special=True)]
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=special, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator([WORDS], trainer)
    ends = [(token, tokenizer.token_to_id(token)) for token in ("</s>", "<s>")]
    tokenizer.post_processor = processors.RobertaProcessing(*ends) if split is None else processors.ByteLevel()
    return saved(tokenizer)


def table_of_rules():
    """SentencePiece's table of rules of our own: spaces, ligatures, wide letters, marks, two characters for one."""
    rules = {"\t": " ", "\n": " ", "\r": " ", "\u00a0": " ", "\u3000": " ", "\u200b": "", "\x01": "", "ﬁ": "fi", "①": "1", "…": "...", "㍿": "株式会社"}
    rules |= {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)} | {"e\u0301": "é", "e\u0302": "ê", "\u0d4a": "\u0d46\u0d3e", "ｶﾞ": "ガ", "ｶ": "カ"}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.tsv"
        lines = (" ".join(f"{ord(c):x}" for c in a) + "\t" + " ".join(f"{ord(c):x}" for c in b) for a, b in rules.items())
        file.write_text("".join(f"{line}\n" for line in lines))
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(WORDS.split("\n")), model_writer=model, vocab_size=200, normalization_rule_tsv=str(file),
            hard_vocab_limit=False, minloglevel=2,
        )  # fmt: skip
    return proto.ModelProto.FromString(model.getvalue()).normalizer_spec.precompiled_charsmap


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    spaces = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.normalizer = normalizers.Sequence([normalizers.Precompiled(table_of_rules()), spaces])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(
        [WORDS], trainers.UnigramTrainer(vocab_size=500, special_tokens=special, unk_token="<unk>", show_progress=False)
    )
    ids = [(token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=ids)
    return saved(tokenizer)


LLAMA = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
TOKENIZERS = {
    "uncased BERT": word_piece(True),
    "cased BERT": word_piece(False),
    "RoBERTa": byte_level(),
    "Llama": byte_level(LLAMA),
    "XLM-RoBERTa": unigram(),
}


def answers(description):
    tokenizer = Tokenizer.from_str(json.dumps(description))
    single = [encoding.ids for encoding in tokenizer.encode_batch(TEXTS)]
    tokenizer.enable_truncation(MOST)
    pairs = tokenizer.encode_batch(list(zip(TEXTS, TEXTS[1:])))
    return {"tokenizer": description, "single": single, "pairs": [[pair.ids, "".join(map(str, pair.type_ids))] for pair in pairs]}


if __name__ == "__main__":
    made = f"tokenizers {version('tokenizers')}, sentencepiece {version('sentencepiece')}"
    vectors = {"made": made, "most": MOST, "texts": TEXTS, "of": {name: answers(one) for name, one in TOKENIZERS.items()}}
    (HERE / "tokenizer.vectors.json").write_text(json.dumps(vectors, separators=(",", ":"), ensure_ascii=False) + "\n")
