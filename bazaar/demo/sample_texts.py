"""What the members of the demonstration community write."""

from bazaar.demo.builder import Builder

FIRST = (
    "Harbour", "Lantern", "Meadow", "Copper", "Willow", "Orbit", "Pebble", "Compass", "Juniper", "Tidal", "Ember",
    "Quarry", "Saffron", "Thistle", "Velvet", "Granite", "Heron", "Indigo", "Kestrel", "Linen", "Marble", "Nettle",
)  # fmt: skip
SECOND = (
    "Ledger", "Atlas", "Signal", "Workshop", "Garden", "Post", "Library", "Kitchen", "Almanac", "Relay", "Notebook",
    "Market", "Studio", "Clock", "Bridge", "Index",
)  # fmt: skip
KINDS = (
    "A small web app", "An open data set", "A mobile app", "A weekend workshop", "A command-line tool", "A podcast",
    "A browser extension", "A board game", "A community map", "A printed zine", "A sensor kit",
)  # fmt: skip
PURPOSES = (
    "that helps {} share tools they rarely use",
    "that shows {} where their energy goes",
    "that lets {} plan a season together",
    "that reminds {} of what was promised",
    "that turns the notes of {} into a timetable",
    "that teaches {} to repair what breaks",
    "that gives {} one calendar instead of seven",
    "that records the sounds of a town for {}",
)
AUDIENCES = (
    "neighbours", "night-shift nurses", "allotment holders", "first-year students", "village choirs", "cycle couriers",
    "school kitchens", "amateur astronomers", "repair cafés", "new parents", "trail runners", "small museums",
)  # fmt: skip
STATES = (
    "The first version works and is used by a dozen people.",
    "There is a prototype, held together with string.",
    "We meet every other Thursday.",
    "It has been running since spring without much help.",
    "The data model is settled; the design is not.",
)
NEEDS = (
    "a designer with patience", "somebody who knows maps", "testers with old phones", "a translator for Welsh",
    "help with accessibility", "a second pair of eyes on the budget", "someone to write the manual",
)  # fmt: skip
HOBBIES = (
    "Builds bicycle wheels at weekends.", "Keeps bees, badly.", "Collects railway timetables.",
    "Sings second alto.", "Reads maps for fun.", "Always three crochet projects behind.",
    "Here for the climbing-wall people.", "Grows far too many courgettes.",
)  # fmt: skip
MESSAGES = (
    "Hello {creator}, this is just what I have been looking for. I could give an evening a week.",
    "Hi {creator}! I did something similar at my last job, happy to share the mistakes.",
    "Count me in, {creator}. Ring me on 01632 960{number:03d} if that is easier.",
    "I cannot code, {creator}, but I know everybody on our street.",
    "Would this work for a school as well, {creator}?",
)


def title(builder: Builder) -> str:
    return f"{builder.random.choice(FIRST)} {builder.random.choice(SECOND)}"


def description(builder: Builder, contact: str) -> str:
    """What a project is; one in eight gives its creator's address, in the middle of the text."""
    pick = builder.random.choice
    text = f"{pick(KINDS)} {pick(PURPOSES).format(pick(AUDIENCES))}. {pick(STATES)}"
    return f"{text} Questions? Write to {contact}, I answer most evenings." if builder.chance(0.125) else text


def idea(builder: Builder) -> str:
    pick = builder.random.choice
    purpose = pick(PURPOSES).format(pick(AUDIENCES))
    return f"{pick(KINDS)} {purpose}"


def needs(builder: Builder) -> str:
    return " and ".join(builder.sample(NEEDS, 2)).capitalize() + "."


def bio(builder: Builder) -> str:
    return f"{builder.faker.job()} from {builder.faker.city()}. {builder.random.choice(HOBBIES)}"


def interest(builder: Builder, creator: str, address: str) -> str:
    """A word to an idea's creator; one in five says where its writer can be reached."""
    text = builder.random.choice(MESSAGES).format(creator=first_name(creator), number=builder.random.randrange(1000))
    return f"{text} My address is {address}." if builder.chance(0.2) else text


def first_name(name: str) -> str:
    return name.partition(" ")[0]
