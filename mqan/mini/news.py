# ruff: noqa: E501  (word tables are read and edited as text)
"""What happens in the news of the embedded world: events with key facts, details and quotes."""

from dataclasses import dataclass

Variants = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of event. `first` and `second` are the key facts as (story sentence, headline)."""

    first: Variants
    second: Variants
    details: tuple[str, ...]
    past: str  # an earlier event of the same kind, told in the same words


EVENTS = (
    Event(
        (
            (
                "a fire destroyed the {building} in {city} on {day}",
                "fire destroys {building} in {city}",
            ),
            (
                "the {building} in {city} burned down on {day} night",
                "{building} in {city} burns down",
            ),
        ),
        (
            ("{low} people were injured in the flames", "{low} injured in flames"),
            ("police arrested {person}, a {profession}", "{profession} {person} arrested"),
        ),
        (
            "more than {high} firefighters fought the flames for hours",
            "the roof fell in before the first trucks arrived",
            "smoke could be seen as far as {city2}",
            "the owner of the place, {person2}, was not at home",
        ),
        "a fire destroyed the {building2} in {city2}",
    ),
    Event(
        (
            (
                "{person} won the election for mayor of {city} on {day}",
                "{person} elected mayor of {city}",
            ),
            (
                "voters in {city} chose {person}, a {profession}, as their new mayor",
                "{city} elects {profession} {person} as mayor",
            ),
        ),
        (
            ("{person2} received only {low} percent of the vote", "{person2} gets {low} percent"),
            ("{person2} refused to accept the result", "rival {person2} rejects result"),
        ),
        (
            "the campaign had lasted for {high} days",
            "both candidates had promised lower taxes",
            "rain kept many people at home",
            "{person3} counted the ballots in the {building}",
        ),
        "{person3} won the election for mayor of {city2}",
    ),
    Event(
        (
            (
                "{company} said on {day} that it would buy {company2} for {high} million dollars",
                "{company} buys {company2} for {high} million",
            ),
            (
                "{company} has taken over its rival {company2}, both firms said",
                "{company} takes over {company2}",
            ),
        ),
        (
            ("{low} workers in {city} will lose their jobs", "{low} jobs cut in {city}"),
            ("the new firm will be led by {person}", "{person} to lead new firm"),
        ),
        (
            "{company2} has been making {product} since {year}",
            "shares of {company3} fell after the news",
            "talks between the lawyers had gone on since {month}",
            "{person2} of {company3} called the price too high",
        ),
        "{company} bought {company3} for {low} million dollars",
    ),
    Event(
        (
            (
                "{team} beat {team2} in the final of the {sport} cup on {day}",
                "{team} win {sport} cup against {team2}",
            ),
            (
                "{team2} lost the {sport} final to {team} in front of {high} thousand fans",
                "{team} defeat {team2} in {sport} final",
            ),
        ),
        (
            ("{person} scored the decisive goal", "{person} scores decisive goal"),
            ("coach {person} will leave the club", "coach {person} to leave"),
        ),
        (
            "the referee showed {low} yellow cards",
            "fans from {city} sang until midnight",
            "{person2} had to leave the field with a broken leg",
            "the match was played in the {building}",
        ),
        "{team2} beat {team3} in the final of the {sport} cup",
    ),
    Event(
        (
            (
                "a storm hit the coast near {city} on {day}",
                "storm hits coast near {city}",
            ),
            (
                "heavy winds and rain struck {city} and its harbour",
                "{city} struck by heavy storm",
            ),
        ),
        (
            ("{high} houses were left without power", "{high} houses without power"),
            ("{low} sailors are still missing", "{low} sailors missing"),
        ),
        (
            "trees fell on the road to {city2}",
            "{person} opened the {building} to families",
            "schools in {city3} will stay closed",
            "the wind blew the roof off the {building2}",
        ),
        "a storm hit the coast near {city3}",
    ),
    Event(
        (
            (
                "thieves stole a painting from the {building} in {city} on {day}",
                "painting stolen from {building} in {city}",
            ),
            (
                "{low} masked men robbed the {building} in {city}",
                "masked men rob {building} in {city}",
            ),
        ),
        (
            (
                "police believe that {person}, a former {profession}, planned the crime",
                "police suspect former {profession} {person}",
            ),
            ("{company} offered a reward of {high} thousand dollars", "{company} offers reward"),
        ),
        (
            "the alarm had been switched off for {high} minutes",
            "a guard named {person2} was found in the cellar",
            "the car of the men was seen in {city2}",
            "visitors noticed nothing until the next morning",
        ),
        "thieves stole a painting from the {building3}",
    ),
    Event(
        (
            (
                "the {profession} {person} was found guilty by a court in {city} on {day}",
                "{profession} {person} found guilty in {city}",
            ),
            (
                "a court in {city} sent {person} to prison for {low} years",
                "{city} court jails {person}",
            ),
        ),
        (
            (
                "{person} had taken {high} thousand dollars from {company}",
                "{company} lost {high} thousand dollars",
            ),
            ("the lawyer {person2} will appeal", "lawyer {person2} to appeal"),
        ),
        (
            "the trial had begun in {month}",
            "{person3} told the judge about secret letters",
            "reporters waited outside the {building}",
            "the family came from {city2} to hear the verdict",
        ),
        "a court in {city2} sent {person3} to prison",
    ),
    Event(
        (
            (
                "{person} received the {award} in {city} on {day}",
                "{person} receives {award}",
            ),
            (
                "the {award} goes to {person} for the film {film}",
                "{film} wins {award} for {person}",
            ),
        ),
        (
            ("{person} gave the money to a school in {city2}", "money goes to {city2} school"),
            ("the singer {person2} left the hall in anger", "{person2} leaves hall in anger"),
        ),
        (
            "{high} guests had been invited to the {building}",
            "the jury needed {low} meetings to agree",
            "{person3} played the piano before dinner",
            "the prize was first given in {year}",
        ),
        "the {award} went to {person3}",
    ),
    Event(
        (
            (
                "scientists from {city} have found a medicine against fever, {company} said on {day}",
                "{city} scientists find medicine against fever",
            ),
            (
                "a team led by {person} discovered a new planet, {company} announced",
                "{person} discovers new planet",
            ),
        ),
        (
            ("{country} will pay for the next tests", "{country} pays for next tests"),
            ("the results surprised {person2} of {company2}", "{person2} surprised by results"),
        ),
        (
            "the work took more than {low} years",
            "the laboratory near {city2} has {high} rooms",
            "earlier attempts by {company3} had failed",
            "the first idea came in {month}",
        ),
        "scientists from {city3} found a cure for colds",
    ),
    Event(
        (
            (
                "workers at {company} in {city} stopped work on {day}",
                "workers strike at {company} in {city}",
            ),
            (
                "all {product} of {company} stay in the factory because of a strike",
                "strike stops {product} of {company}",
            ),
        ),
        (
            ("they demand {low} percent more pay", "workers demand {low} percent more pay"),
            ("{person} of the union refused an offer", "union leader {person} refuses offer"),
        ),
        (
            "the gates of the factory were locked at noon",
            "{person2}, who runs the firm, was in {country}",
            "shops in {city2} have none left",
            "talks in the {building} ended after {high} minutes",
        ),
        "workers at {company2} stopped work",
    ),
)
OPENINGS = (
    "it was a quiet morning in {city3} when the phones began to ring",
    "nobody had expected a {day} like this one",
    "{person3} was on the way to {city2} when the news came",
    "the streets around the {building3} were full of people",
    "all eyes are on {country} these days, but not this week",
    "for the people of {city3} it will be a week to remember",
    "in {month} everything still looked different",
)
QUOTES = (
    '"I have never seen anything like it," said {person2}, a neighbour',
    '"this changes everything," {person3} told reporters',
    '"we did not sleep at all," said {person3} from {city2}',
    '"it is too early to say more," a speaker of {company3} said',
    '"ask me again in {month}," said {person2} with a smile',
    '"my father told me that this would happen," {person3} added',
)
FILLERS = (
    "{city2} lies about {high} miles away",
    "television crews from {country} were there as well",
    "the {building3} will stay open until {month}",
    "visitors are asked to use the road to {city3}",
)
EARLIER = ("in {year}", "back in {year}", "only a year earlier", "many years ago")
