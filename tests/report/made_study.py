"""A made-up study for figures: 28 rows, three seeds, all tidy files; and a part with one seed.

Numbers are the published ones with noise, or invented where none were published.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from mqan.curriculum import Phase, schedule
from mqan.report.tables import DECASCORE, Layout, Line, read_published

ROOT = Path(__file__).resolve().parents[2]
TASKS = {
    "squad": ("SQuAD", "nf1"),
    "iwslt": ("IWSLT en-de", "bleu"),
    "cnn_dailymail": ("CNN/DailyMail", "rouge"),
    "multinli": ("MultiNLI", "em"),
    "sst": ("SST", "em"),
    "qa_srl": ("QA-SRL", "nf1"),
    "qa_zre": ("QA-ZRE", "cf1"),
    "woz": ("WOZ", "dsem"),
    "wikisql": ("WikiSQL", "lfem"),
    "mwsc": ("MWSC", "em"),
}
TEN = tuple(TASKS)
# row: (title, strategy, published column, what it is compared with)
ROWS = {
    "baseline": ("Trivial baseline", "baseline", "", ""),
    "single": ("Single-task oracles", "single", "single_qptr", "joint"),
    "joint": ("Fully joint", "joint", "joint_qptr", ""),
    "anti": ("Anti-curriculum, SQuAD first", "anti_squad", "anti_squad", "joint"),
    "anti-three": (
        *("Anti-curriculum, SQuAD + IWSLT + CNN/DM first", "anti_three", "anti_three"),
        "joint",
    ),
    "anti-four": (*("Anti-curriculum, those + MNLI first", "anti_four", "anti_four", "joint"),),
    "curriculum": ("Curriculum, easy six first", "curriculum", "curriculum", "joint"),
    "iwslt": ("Fully joint, IWSLT oversampled", "iwslt_oversampled", "", "joint"),
    "anti-iwslt": ("Anti-curriculum, IWSLT oversampled", "anti_iwslt", "", "joint"),
    "single-released": (
        *("Single-task oracles, released decoder", "single", "single_qptr", "single"),
    ),
    "joint-released": ("Fully joint, released decoder", "joint", "joint_qptr", "joint"),
    "s2s-single": ("S2S: single-task oracles", "single", "single_s2s", "single"),
    "s2s-joint": ("S2S: fully joint", "joint", "joint_s2s", "joint"),
    "satt-single": ("w/ SAtt: single-task oracles", "single", "single_satt", "single"),
    "satt-joint": ("w/ SAtt: fully joint", "joint", "joint_satt", "joint"),
    "catt-single": ("+ CAtt: single-task oracles", "single", "single_catt", "single"),
    "catt-joint": ("+ CAtt: fully joint", "joint", "joint_catt", "joint"),
    "cove-single": ("CoVe: single-task oracles", "single", "single_cove", "single"),
    "cove-joint": ("CoVe: fully joint", "joint", "", "joint"),
    "cove0-joint": ("CoVe with its first layer: fully joint", "joint", "", "joint"),
    "cove-anti": ("CoVe: anti-curriculum, SQuAD first", "anti_squad", "qa_first_cove", "joint"),
    "cove-anti-four": ("CoVe: anti-curriculum, four tasks first", "anti_four", "", "joint"),
    "cove-anti-iwslt": (
        *("CoVe: anti-curriculum, IWSLT oversampled", "anti_iwslt", "best_lecture", "joint"),
    ),
    "joint-cell-h": ("Fully joint, cell started from h", "joint", "", "joint"),
    "transformer-joint": ("Transformer decoder: fully joint", "joint", "", "joint"),
    "joint-paper": ("Fully joint, questions as printed", "joint", "", "joint"),
    "joint-by-size": ("Joint, drawn by number of training rows", "joint_size", "", "joint"),
    "joint-by-root": ("Joint, drawn by the root of that number", "joint_root", "", "joint"),
}
STRATEGY_ROWS = ("single", "joint", "anti", "anti-three", "anti-four", "curriculum", "iwslt")
TRANSFERS = {"cs-joint": ("iwslt_cs", 2.0), "cs-random": ("iwslt_cs", 0.0)}
TRANSFERS |= {"ner-joint": ("ner", 3.0), "ner-random": ("ner", 0.0)}


@dataclass(frozen=True)
class Made:
    """The tidy files of a study as frames."""

    layout: Layout
    scores: pd.DataFrame
    curves: pd.DataFrame
    pointing: pd.DataFrame
    differences: pd.DataFrame
    correlations: pd.DataFrame


def published():
    return read_published(ROOT / "config/published.csv")


def run_of(row, task):
    strategy = ROWS[row][1]
    base = row.removesuffix("-released")
    return f"{base.removesuffix('single')}oracle-{task}" if strategy == "single" else base


def decode_of(row):
    """How a row's answers were decoded; the baseline's were not."""
    if row == "baseline":
        return ""
    return "released" if row.endswith("-released") else "consistent"


def layout(rows=ROWS):
    lines = [
        Line(
            row,
            ROWS[row][0],
            {task: (run_of(row, task), decode_of(row)) for task in TEN},
            ROWS[row][2],
        )
        for row in rows
    ]
    return Layout("made", "Made-up study", "embedded (mini, seed 1)", "mini", TASKS, lines)


def full(seeds=("1", "2", "3")):
    """All rows."""
    random = np.random.default_rng(7)
    scores = _scores(random, seeds)
    curves = _curves(random, seeds)
    pointing = _pointing(random, seeds)
    return Made(
        layout(), scores, curves, pointing, _differences(random, scores), _correlations(scores)
    )


def part():
    """Five rows, one seed: what the default study has."""
    rows = ("baseline", "single", "joint", "anti", "iwslt")
    whole = full(("1",))
    cut = {
        name: frame.loc[frame["row"].isin(rows)]
        for name, frame in vars(whole).items()
        if name in ("scores", "curves", "pointing", "differences")
    }
    return replace(whole, layout=layout(rows), correlations=_correlations(cut["scores"]), **cut)


def _scores(random, seeds):
    known = published()
    cells = {}
    for column, task, value in zip(known["column"], known["task"], known["value"], strict=True):
        if column and task in TASKS:
            cells.setdefault(column, {})[task] = float(value)
    lines = []
    for row, (_, strategy, column, _) in ROWS.items():
        base = cells[column or "joint_qptr"]
        shift = random.normal(0, 2.5, len(TEN)) - (25 if row == "baseline" else 0)
        for task, moved in zip(TEN, shift, strict=True):
            for seed in ("",) if row == "baseline" else seeds:
                value = float(np.clip(base[task] + moved + random.normal(0, 1.2), 0, 100))
                lines.append(
                    {
                        **{"study": "made", "row": row, "run": run_of(row, task)},
                        **{"variant": "qptr", "vectors": "word", "strategy": strategy},
                        **{"size": "mini", "decode": decode_of(row), "seed": seed, "step": "900"},
                        **{"task": task, "task_version": 1, "metric": TASKS[task][1]},
                        **{"value": value, "low": value - 3, "high": value + 3, "n": 300},
                        **{"data": "abc", "code": "def"},
                    }
                )
    return pd.DataFrame(lines)


def _curves(random, seeds):
    lines = []

    def add(row, run, task, metric, seed, end, steps):
        shares = random.dirichlet((0.3, 0.6, 0.4))
        for step in np.linspace(steps / 18, steps, 18).astype(int):
            grown = end * (1 - np.exp(-4 * step / steps)) + random.normal(0, 0.8)
            mixed = shares * (step / steps) + (1 - step / steps) / 3
            lines.append(
                {
                    **{"study": "made", "row": row, "run": run, "seed": seed, "step": step},
                    **{"steps": steps, "task": task, "metric": metric, "value": max(grown, 0)},
                    **{"n": 64, "vocabulary": mixed[0], "context": mixed[1], "question": mixed[2]},
                }
            )

    for row in STRATEGY_ROWS:
        for task, (_, metric) in TASKS.items():
            steps = 700 if row == "single" else 2700
            for seed in seeds:
                add(row, run_of(row, task), task, metric, seed, random.uniform(20, 85), steps)
    for row, (task, lead) in TRANSFERS.items():
        for seed in seeds:
            end = (16 if task == "iwslt_cs" else 82) + lead
            add(row, row, task, "bleu" if task == "iwslt_cs" else "em", seed, end, 2000)
    return pd.DataFrame(lines)


def _pointing(random, seeds):
    typical = {"squad": (0.05, 0.94, 0.01), "iwslt": (0.93, 0.06, 0.01), "sst": (0.01, 0, 0.99)}
    lines = []
    for row in ("single", "joint", "anti", "anti-three"):
        for task in TEN:
            for seed in seeds:
                shares = random.dirichlet(20 * np.array(typical.get(task, (0.2, 0.6, 0.2))) + 0.05)
                lines.append(
                    {
                        **{"study": "made", "row": row, "run": run_of(row, task)},
                        **{"decode": "consistent", "seed": seed, "task": task, "words": 1200},
                        **dict(zip(("vocabulary", "context", "question"), shares, strict=True)),
                    }
                )
    return pd.DataFrame(lines)


def _differences(random, scores):
    wide = scores.pivot_table(index=["row", "seed"], columns="task", values="value")[list(TEN)]
    wide[DECASCORE] = wide.sum(axis=1)
    lines = []
    for row, (_, _, _, against) in ROWS.items():
        if not against:
            continue
        for task in (*TEN, DECASCORE):
            gaps = (wide.loc[row][task] - wide.loc[against][task]).to_numpy()
            n, effect = len(gaps), float(gaps.mean())
            half = stats.t.ppf(0.975, n - 1) * gaps.std(ddof=1) / n**0.5 if n > 1 else np.nan
            wide_by = (9 if task == DECASCORE else 3) * random.uniform(0.7, 1.3)
            p = float(2 * stats.norm.sf(abs(effect) / (wide_by / 2)))
            clear = n > 1 and abs(effect) > half
            real = "no" if p >= 0.05 else ("yes" if clear else "one seed" if n < 2 else "no")
            lines.append(
                {
                    **{"comparison": row, "row": row, "against": against, "task": task},
                    **{"metric": task, "seeds": n, "effect": effect},
                    **{"low": effect - half, "high": effect + half},
                    **{"examples_low": effect - wide_by, "examples_high": effect + wide_by},
                    **{"p": p, "p_holm": min(1.0, 3 * p), "real": real},
                }
            )
    return pd.DataFrame(lines)


def _correlations(scores):
    mine = scores.loc[scores["strategy"] != "baseline"]
    ours = mine.pivot_table(index="row", columns="task", values="value")
    known = published()
    lines = known.loc[(known["column"] != "") & known["task"].isin(TEN)]
    theirs = lines.assign(value=lines["value"].astype(float)).pivot_table(
        index="column", columns="task", values="value"
    )
    found = []
    for source, frame in (("ours", ours), ("published", theirs)):
        for method in (stats.pearsonr, stats.spearmanr):
            for i, a in enumerate(TEN):
                for b in TEN[i + 1 :]:
                    both = frame[[a, b]].dropna()
                    if len(both) < 3:
                        continue
                    r, p = method(both[a], both[b])
                    found.append(
                        {
                            **{"source": source, "group": "all", "a": a, "b": b},
                            **{"method": method.__name__.removesuffix("r"), "r": r, "p": p},
                            **{"n": len(both), "low": r - 0.1, "high": min(1, r + 0.1)},
                        }
                    )
    return pd.DataFrame(found)


def schedules():
    """Phases of the study's strategies, as `mqan.study` makes them for 2,700 updates."""
    hard = ("squad", "iwslt", "cnn_dailymail")
    easy = ("sst", "qa_srl", "qa_zre", "woz", "wikisql", "mwsc")
    spread = (*TEN[:5], "iwslt", *TEN[5:8], "iwslt", *TEN[8:])
    return [
        ("Fully joint", [Phase(TEN, 2700)]),
        (ROWS["anti"][0], [Phase(("squad",), 405), Phase(TEN, 2295)]),
        (ROWS["anti-three"][0], [Phase(hard, 1215), Phase(TEN, 1485)]),
        (ROWS["anti-four"][0], [Phase((*hard, "multinli"), 1620), Phase(TEN, 1080)]),
        (ROWS["curriculum"][0], [Phase(easy, 2430), Phase(TEN, 270)]),
        (ROWS["iwslt"][0], [Phase(spread, 2700)]),
        (ROWS["anti-iwslt"][0], [Phase(hard, 1215), Phase((*TEN, "iwslt", "iwslt"), 1485)]),
    ]


def turns():
    """The task of every update of each strategy."""
    return [(title, list(schedule(phases))) for title, phases in schedules()]


def _words(text, source):
    shares = {"v": [0.97, 0.02, 0.01], "c": [0.01, 0.98, 0.01], "q": [0.0, 0.02, 0.98]}
    return text.split(), [shares[source]] * len(text.split())


def examples():
    """One answered example of each task, at the lengths that real ones have."""
    article = (
        "( cnn ) the white house on friday said it would continue to press congress over the "
        "budget , which costs $ 1.5 trillion and $ 3 billion more than planned . officials who "
        "spoke on condition of anonymity said the talks had stalled over the weekend . "
    ) * 6
    texts = [
        ("squad", "what is the name of the region in which the duchy of normandy was formed ?",
         "the norman dynasty had a major political , cultural and military impact on medieval "
         "europe and even the near east . the normans were famed for their martial spirit and "
         "eventually for their christian piety , becoming exponents of the catholic orthodoxy . "
         "they gave their name to normandy , a region in the north of france .",
         "normandy , a region in the north of france", "c", "normandy"),
        ("iwslt", "what is the translation from english to german ?",
         "and that is , of course , something we have known for about twenty years in this field .",
         "und das ist natürlich etwas , das wir seit etwa zwanzig jahren in diesem bereich wissen",
         "v", "Und das ist natürlich etwas, was wir seit zwanzig Jahren auf diesem Gebiet wissen."),
        ("cnn_dailymail", "what is the summary ?", article,
         "white house said it would continue to press congress over the budget . officials who "
         "spoke on condition of anonymity said the talks had stalled over the weekend .", "c",
         "Talks over the $1.5 trillion budget stalled. White House will press Congress."),
        ("multinli", "hypothesis : product and geography are what make cream skimming work . "
         "-- entailment , neutral , or contradiction ?",
         "premise : conceptually cream skimming has two basic dimensions - product and geography .",
         "neutral", "q", "neutral"),
        ("sst", "is this review negative or positive ?",
         "it 's a charming and often affecting journey .", "positive", "q", "positive"),
        ("qa_srl", "who was something discovered by ?",
         "the comet was discovered on march 3 by the amateur astronomer yuji hyakutake .",
         "the amateur astronomer yuji hyakutake", "c", "the amateur astronomer Yuji Hyakutake"),
        ("qa_zre", "which production company is behind the film the wedding party ?",
         "the wedding party is a 2016 nigerian romantic comedy film .", "unanswerable", "v",
         "unanswerable"),
        ("woz", "what is the change in state ?",
         "are there any eritrean restaurants in the south part of town ?",
         "area : south , food : eritrean ;", "v", "area: south, food: eritrean;"),
        ("wikisql", "what is the translation from english to sql ?",
         "the table has columns player , no. , nationality , position , years in toronto and "
         "school/club team . -- who is the player that wears number 42 ?",
         "select player from table where no. = 42", "c", "SELECT player FROM table WHERE no. = 42"),
        ("mwsc", "who was afraid of the violence , the councilmen or the demonstrators ?",
         "the city councilmen refused the demonstrators a permit because they feared violence .",
         "the demonstrators", "q", "councilmen"),
    ]  # fmt: skip
    found = []
    for task, question, context, answer, source, gold in texts:
        words, sources = _words(answer, source)
        if len(words) > 3:
            sources = [*sources[:-1], [0.6, 0.3, 0.1]]
        found.append(
            {
                **{"task": task, "title": TASKS[task][0], "id": f"{task}-17"},
                **{"question": question, "context": context, "gold": gold},
                **{"words": words, "sources": sources},
            }
        )
    return found


NETWORK = {
    "title": "+ QPtr (MQAN)",
    "streams": ["context", "question"],
    "pointers": ["context", "question"],
    "coattention": True,
    "self_attention": True,
    "recurrent": True,
    "sizes": {
        **{"vector_width": 400, "width": 200, "heads": 3, "layers": 2, "hidden": 150},
        **{"rnn_layers": 1, "generable": 50_000, "cove": 0},
    },
    "parts": {  # 14,469,902 as published
        **{"project": 80_200, "encode": 241_600, "align": 40_600, "compress": 1_443_200},
        **{"self_attention": 724_600, "final": 483_200, "answer": 80_200},
        **{"answer_attention": 603_100, "lstm": 481_600, "pointers": 240_000},
        **{"switches": 1_602, "vocabulary": 10_050_000},
    },
}
