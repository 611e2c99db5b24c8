# ruff: noqa: SIM905  (word tables are read and edited as text)
"""What captions of the embedded SNLI speak of: people, what they do, wear, and where they are."""

# The noun of a person, and what is more general.
PEOPLE = {
    "man": "adult",
    "woman": "adult",
    "boy": "child",
    "girl": "child",
}
LOOKS = "young tall smiling tired cheerful barefoot slim wet".split()
COLOURS = "red blue green yellow white black orange purple grey brown".split()
GARMENTS = "shirt coat hat dress jacket sweater scarf apron".split()
# What one does, as said of one who is seen; two that share a general word exclude each other too.
ACTIVITIES = {
    "playing the piano": "making music",
    "playing the violin": "making music",
    "playing the drums": "making music",
    "eating a sandwich": "having a meal",
    "eating noodles": "having a meal",
    "eating soup": "having a meal",
    "riding a horse": "riding an animal",
    "riding a donkey": "riding an animal",
    "washing a car": "cleaning something",
    "washing a window": "cleaning something",
    "sweeping the floor": "cleaning something",
    "reading a newspaper": "reading something",
    "reading a book": "reading something",
    "playing tennis": "doing a sport",
    "playing football": "doing a sport",
    "playing hockey": "doing a sport",
    "sleeping on a bench": "resting",
    "lying on a blanket": "resting",
    "painting a fence": "working",
    "repairing a bicycle": "working",
    "chopping wood": "working",
}
PLACES = {
    "in a park": "outdoors",
    "on a beach": "outdoors",
    "in a garden": "outdoors",
    "in a street": "outdoors",
    "in a forest": "outdoors",
    "on a farm": "outdoors",
    "in a kitchen": "indoors",
    "in a library": "indoors",
    "in a museum": "indoors",
    "in an office": "indoors",
    "in a hall": "indoors",
    "in a shop": "indoors",
}
# Said of a scene without telling anything of people, clothes or places.
AROUND = (
    "on a sunny day",
    "while it rains",
    "next to a dog",
    "near some boxes",
    "beside a small table",
    "on a cold morning",
    "with a crowd behind",
    "under a bright lamp",
)
# What writers add where nothing follows: a reason or an aim that no picture shows.
ADDITIONS = (
    "before going home",
    "to impress a friend",
    "for the first time",
    "after a long week",
    "to earn some money",
    "because of a bet",
)
