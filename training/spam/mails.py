"""Reads the mails of SpamAssassin's public corpus, and divides them so that no mail has a near copy on the other side."""

import email
import html
import json
import random
import re
from collections import Counter, defaultdict
from email.header import decode_header, make_header
from email.message import Message
from itertools import combinations
from pathlib import Path

CLASSES = ["ham", "spam"]
MARKUP = re.compile(r"(?is)<(script|style|head)\b.*?</\1>|<!--.*?-->|<[^>]*>")
LIST_TAGS = re.compile(r"\[[^\]]{1,30}\]\s*")
# Lines that tell a mailing list or a news feed by its form: quotes, who is quoted, and where a story came from.
NOT_OWN = re.compile(r"(?m)^\s*(>|\||(URL|Date|From|Subject|Sent|To|Cc):\s|.*\b(wrote|writes|said):\s*$|-{5,}|_{5,}).*$")


def read_mails(folder: Path) -> list[tuple[str, int]]:
    """The subject and the own text of each mail, and its class. Mails without text are left out."""
    mails = []
    for name in json.loads((folder / "file_list.json").read_text()):
        mail = json.loads((folder / name).with_suffix(".json").read_text())
        text = text_of(mail["text"])
        if text:
            mails.append((text, int(mail["group"].startswith("spam"))))
    return mails


def text_of(mail: str) -> str:
    """The subject and what the writer wrote, in one line: as plain text where there is one, else without the markup."""
    message = email.message_from_string(re.sub(r"\A>?From .*\n", "", mail))
    subject = message.get("Subject", "")
    try:
        subject = str(make_header(decode_header(subject)))
    except (UnicodeDecodeError, LookupError):
        subject = str(subject)
    texts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    plain = [part for part in texts if part.get_content_subtype() == "plain"]
    body = " ".join(map(_content_of, plain or texts))
    return " ".join(f"{LIST_TAGS.sub('', subject)}\n{NOT_OWN.sub('', body)}".split())


def _content_of(part: Message) -> str:
    content = part.get_payload(decode=True).decode(errors="ignore")
    return html.unescape(MARKUP.sub(" ", content)) if part.get_content_subtype() == "html" else content


def grouped(texts: list[str]) -> list[int]:
    """The group of each mail: mails of a group share the words of their subject, or a quarter of the shorter one's runs of five words."""
    runs, of_run, of_subject = [], defaultdict(list), defaultdict(list)
    for at, text in enumerate(texts):
        words = re.findall(r"[a-z]+", text.lower())
        runs.append({tuple(words[i : i + 5]) for i in range(max(1, len(words) - 4))})
        for run in runs[at]:
            of_run[run].append(at)
        subject = tuple(word for word in words[:10] if word not in ("re", "fwd", "fw"))[:6]
        of_subject[subject].append(at)
    group = list(range(len(texts)))

    def first(at: int) -> int:
        while group[at] != at:
            group[at] = at = group[group[at]]
        return at

    shared = Counter(pair for mails in of_run.values() if len(mails) <= COMMON for pair in combinations(mails, 2))
    alike = [pair for pair, count in shared.items() if count >= min(len(runs[at]) for at in pair) / 4]
    same = [(mails[0], other) for mails in of_subject.values() for other in mails[1:]]
    for pair in alike + same:
        low, high = sorted(map(first, pair))
        group[high] = low
    return [first(at) for at in range(len(texts))]


# Words in a row that more mails have are the usual end of a list's or a mail program's mails.
COMMON = 100


def divided(groups: list[int], shares: list[float], seed: int) -> list[list[int]]:
    """Whole groups, in an order drawn by the seed, until each part has its share of the mails; the last part has the rest."""
    members = defaultdict(list)
    for at, group in enumerate(groups):
        members[group].append(at)
    order = sorted(members)
    random.Random(seed).shuffle(order)  # noqa: S311
    parts: list[list[int]] = [[] for _ in [*shares, 0]]
    # A group that is larger than a hundredth of the mails is trained on.
    for group in order:
        part = next((i for i, share in enumerate(shares) if len(parts[i]) < share * len(groups)), len(shares))
        parts[part if len(members[group]) <= len(groups) / 100 else -1].extend(members[group])
    return parts


def common_words(texts: list[str]) -> Counter:
    """Words in lower case that at least ten mails have. Names are left out: words that mails write with a capital, and NAMES."""
    mails, small = Counter(), Counter()
    for text in texts:
        found = set(re.findall(r"(?<![\w@.])[A-Za-z]+(?![\w@]|\.\w)", text))
        mails.update({word.lower() for word in found})
        small.update({word for word in found if word.islower()})
    return Counter({word: count for word, count in mails.items() if count >= 10 and small[word] >= 0.4 * count and word not in NAMES})


# What some mail programs write small.
NAMES = {"chuck", "dean", "dick", "erik", "geege", "gene", "guido", "jay", "jesse", "ken", "kevin", "kragen", "rob", "rod", "tom", "vipul"}
