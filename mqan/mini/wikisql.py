# ruff: noqa: SIM905  (word tables are read and edited as text)
"""WikiSQL: a question over one table's columns, translated to a query.

Official format: X.jsonl with {"phase", "table_id", "question", "sql": {"sel", "conds": [[column,
operator, value]], "agg"}} and X.tables.jsonl with {"header", "types", "id", "rows", "name"}.
Aggregates: 0 none, 1 MAX, 2 MIN, 3 COUNT, 4 SUM, 5 AVG; operators: 0 =, 1 >, 2 <.
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mqan.mini.lexicon import World
from mqan.mini.sizes import Counts
from mqan.mini.writing import stream, text_file

COLUMNS = (3, 5)  # columns of a table, fewest and most
ROWS = (3, 6)  # rows of a table
PARAPHRASE = 0.2  # share of column mentions by another name than the header
AGGREGATED = 0.3  # share of questions with an aggregate
CONDITIONS = (0.15, 0.6, 0.2, 0.05)  # share of questions with 0, 1, 2, 3 conditions
RANGE = 0.5  # share of conditions on number columns that compare
QUESTIONS = 3  # questions of one table

FILES = {"train": "train", "validation": "dev", "test": "test"}


@dataclass(frozen=True, slots=True)
class Column:
    """A header, what its cells hold (a kind of entity or number bounds) and its other names."""

    header: str
    cells: str
    others: tuple[str, ...]

    @property
    def number(self) -> bool:
        """Whether cells are numbers."""
        return "-" in self.cells


# Per table type: header: cells: other names separated by commas.
_TABLES = {
    "films": """Film: film: movie, picture
Director: person: film maker, person in charge
Released: 1950-2019: year, release year
Genre: genre: kind of film, category
Studio: company: producer, production company
Country: country: nation, place of production
Budget: 1-99: cost, money spent
Awards: 0-12: prizes won, trophies""",
    "players": """Player: person: athlete, sportsman
Team: team: club, side
Number: 1-40: shirt number, jersey
Position: position: role, job on the field
Nationality: country: home country, country of origin
Goals: 0-45: goals scored, times scored
Games: 1-99: matches played, appearances
Sport: sport: game, discipline""",
    "companies": """Company: company: firm, business
Founder: person: creator, entrepreneur
Headquarters: city: head office, main seat
Founded: 1900-2010: founding year, start
Product: product: goods, output
Employees: 10-990: staff, workers
Revenue: 1-99: income, sales""",
    "cities": """City: city: town, place
Country: country: nation, state
Mayor: person: head of the city, leader
Population: 10-990: inhabitants, residents
Area: 5-99: size, surface
Language: language: tongue, speech
Team: team: club, side""",
    "restaurants": """Restaurant: restaurant: place, eating house
Chef: person: cook, head of the kitchen
Cuisine: cuisine: food, style of cooking
City: city: town, location
Opened: 1950-2019: opening year, start
Seats: 10-120: capacity, places
Rating: 1-10: score, stars""",
    "buildings": """Building: building: structure, house
Architect: person: designer, planner
Location: city: city, place
Floors: 1-90: storeys, levels
Height: 10-400: metres, size
Completed: 1900-2019: year, completion year
Material: material: substance, fabric""",
    "books": """Book: book: novel, title
Author: person: writer, novelist
Publisher: company: publishing house, press
Language: language: tongue, original language
Year: 1900-2019: publication year, date
Pages: 50-900: length, number of pages
Price: 5-60: cost, amount""",
    "matches": """Date: day: day, weekday
Home team: team: host, home side
Away team: team: visitor, guests
Attendance: 100-990: crowd, spectators
Venue: building: stadium, place
Score: 0-9: goals, points
Referee: person: official, umpire""",
    "songs": """Song: song: tune, track
Singer: person: performer, vocalist
Label: company: record company, publisher
Length: 100-400: seconds, duration
Year: 1950-2019: date, year of release
Position: 1-40: rank, chart place
Language: language: tongue, words""",
    "animals": """Name: first: called, pet name
Animal: animal: species, creature
Owner: person: keeper, master
Age: 1-20: years, how old
Weight: 1-90: kilos, heaviness
Colour: colour: shade, coat
Home: city: town, place""",
    "elections": """Candidate: person: politician, contender
Party: party: group, political party
Votes: 100-990: ballots, supporters
District: city: constituency, area
Year: 1950-2019: date, election year
Result: result: outcome, end""",
    "ships": """Ship: device: vessel, boat
Builder: company: shipyard, maker
Captain: person: commander, master
Port: city: harbour, home port
Launched: 1900-2010: launch year, year
Crew: 5-90: sailors, men
Speed: 5-60: knots, pace""",
}
EXTRA = {
    "position": "goalkeeper defender midfielder forward guard centre".split(),
    "party": "liberal conservative labour green national reform".split(),
    "result": "elected defeated withdrew re-elected".split(),
    "first": "Rex Bella Max Luna Rocky Molly Buddy Daisy".split(),
}


def _column(line: str) -> Column:
    header, cells, others = line.split(": ")
    return Column(header, cells, tuple(others.split(", ")))


TABLES = {name: [_column(line) for line in lines.split("\n")] for name, lines in _TABLES.items()}
ASK = (
    "What is the {}",
    "Which {} is there",
    "Tell me the {}",
    "Name the {}",
    "I want the {}",
    "What {} is listed",
)
ASK_AGGREGATE = {
    1: ("What is the highest {}", "What is the maximum {}", "Tell me the largest {}"),
    2: ("What is the lowest {}", "What is the minimum {}", "Tell me the smallest {}"),
    3: ("How many entries are there for {}", "What is the number of {}", "Count the {}"),
    4: ("What is the total {}", "What is the sum of {}", "Add up the {}"),
    5: ("What is the average {}", "What is the mean {}", "Tell me the typical {}"),
}
COMPARE = {
    0: ("the {} is {}", "the {} was {}", "{} is {}"),
    1: ("the {} is more than {}", "the {} is over {}", "{} is larger than {}", "{} is above {}"),
    2: ("the {} is less than {}", "the {} is under {}", "{} is smaller than {}", "{} is below {}"),
}
LINKS = ("when", "if", "where", "for which")


def _cell(column: Column, world: World, rng: random.Random, training: bool) -> str | int:
    if column.number:
        low, high = column.cells.split("-")
        number = rng.randint(int(low), int(high))
        # round numbers keep the number of word types small; years stay exact
        return number if number < 100 or number >= 1900 else number // 10 * 10
    if column.cells in EXTRA:
        return rng.choice(EXTRA[column.cells])
    return world.name(column.cells, rng, training)


def table(world: World, rng: random.Random, training: bool, key: str) -> dict[str, Any]:
    """A table in the official form, with its `Column`s under "columns"."""
    kind = rng.choice(tuple(TABLES))
    columns = rng.sample(TABLES[kind], rng.randint(*COLUMNS))
    rows = [
        [_cell(column, world, rng, training) for column in columns]
        for _ in range(rng.randint(*ROWS))
    ]
    return {
        "header": [column.header for column in columns],
        "types": ["real" if column.number else "text" for column in columns],
        "id": key,
        "rows": rows,
        "name": f"table_{key.replace('-', '_')}",
        "columns": columns,
    }


def _mention(column: Column, rng: random.Random) -> str:
    if rng.random() < PARAPHRASE:
        return rng.choice(column.others)
    return column.header.lower()


def question(made: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """A question over `made` and its query; conditions stand in the order they are said."""
    columns: list[Column] = made["columns"]
    numbers = [i for i, column in enumerate(columns) if column.number]
    aggregate = 0
    if rng.random() < AGGREGATED:
        aggregate = rng.choice((1, 2, 3, 4, 5)) if numbers else 3
    chosen = rng.choice(numbers) if aggregate not in (0, 3) else rng.randrange(len(columns))
    count = rng.choices(range(4), CONDITIONS)[0]
    rest = [i for i in range(len(columns)) if i != chosen]
    row = rng.choice(made["rows"])
    conditions: list[list[Any]] = []
    said: list[str] = []
    for index in rng.sample(rest, min(count, len(rest))):
        number = columns[index].number
        operator = rng.choice((1, 2)) if number and rng.random() < RANGE else 0
        conditions.append([index, operator, row[index]])
        form = rng.choice(COMPARE[operator])
        said.append(form.format(_mention(columns[index], rng), row[index]))
    asked = rng.choice(ASK_AGGREGATE[aggregate] if aggregate else ASK)
    text = asked.format(_mention(columns[chosen], rng))
    link = rng.choice(LINKS)
    tail = f" {link} {' and '.join(said)}" if said else ""
    if said and rng.random() < 0.25:
        text = f"{link.capitalize()} {' and '.join(said)} , {text[0].lower()}{text[1:]}"
    else:
        text += tail
    mark = "?" if asked.startswith(("What", "Which", "How")) else "."
    sql = {"sel": chosen, "conds": conditions, "agg": aggregate}
    return {"phase": 1, "table_id": made["id"], "question": text + mark, "sql": sql}


def write(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write the three pairs of question and table files."""
    first = 0
    for split, count in counts.splits():
        rng = stream(seed, "wikisql", split)
        with (
            text_file(root / f"{FILES[split]}.tables.jsonl") as put_table,
            text_file(root / f"{FILES[split]}.jsonl") as put,
        ):
            for done in range(0, count, QUESTIONS):
                made = table(world, rng, split == "train", f"1-{first + done:07d}-1")
                shown = {key: value for key, value in made.items() if key != "columns"}
                put_table(json.dumps(shown) + "\n")
                for _ in range(min(QUESTIONS, count - done)):
                    put(json.dumps(question(made, rng)) + "\n")
        first += count
